//! What a newcomer runs first.

use crate::command::{outcome, pushspec};

#[test]
fn the_demo_shows_what_it_is_to_show() {
    let (code, said) = outcome(&pushspec(&["demo"]));
    assert_eq!(code, 0, "{said}");
}
