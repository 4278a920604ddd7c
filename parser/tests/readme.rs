//! The README shows what is really there. (Its other examples are compiled as documentation of the crate.)

#[test]
fn the_llm_program_is_the_one_of_the_examples() {
    let readme = include_str!("../README.md");
    let program = include_str!("../../examples/llm/src/main.rs");
    assert!(readme.contains(&format!("```rust,ignore\n{program}```\n")));
}
