//! Benchmarks of Hearth, each beside its peer; `make bench` runs them.

fn main() {}
