// Builds the addon with the whole workspace, so that it shares one build with the tests and the Python module, and puts it
// beside the loader under the name of this machine. `napi build` would build every dependency once more for a named target.
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(dirname(fileURLToPath(import.meta.url)))
const root = dirname(here)
const { platform, arch, report, env } = process

const flags = ['build', '--release', '--workspace', '--locked']
execFileSync('cargo', flags, { cwd: root, stdio: 'inherit' })

const library = { linux: 'libvespiary_napi.so', darwin: 'libvespiary_napi.dylib', win32: 'vespiary_napi.dll' }[platform]
const libc = () => (report.getReport().header.glibcVersionRuntime ? 'gnu' : 'musl')
const abi = { linux: libc, win32: () => 'msvc' }[platform]?.()
const built = join(resolve(root, env.CARGO_TARGET_DIR ?? 'target'), 'release', library)
const addon = join(here, `vespiary.${[platform, arch, abi].filter(Boolean).join('-')}.node`)
if (!existsSync(built)) {
  console.error(`cargo built no ${built}`)
  process.exit(1)
}
// A running program may have the old one mapped: replace the file, do not write into it.
rmSync(addon, { force: true })
copyFileSync(built, addon)
