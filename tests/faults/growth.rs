pub fn play(_: &[&str]) {}
