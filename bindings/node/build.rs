//! Links the addon to Node.js.

fn main() {
    napi_build::setup();
}
