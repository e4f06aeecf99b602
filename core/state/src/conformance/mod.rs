//! What every store must do, and what a chain in it must: functions that a test of a store calls with a way to make one.
