//! The public surface of the crate, as `public-api.txt` has it, so that a change of it shows in review.
//!
//! `PUSHSPEC_UPDATE=1 cargo test -p pushspec-parser --test public_api` writes the file again.

mod items;
mod source;

use std::fs;
use std::path::Path;

#[test]
fn the_listing_is_the_surface() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let listing = items::listing(&source::Crate::read(&root.join("src")));
    let file = root.join("public-api.txt");
    if std::env::var_os("PUSHSPEC_UPDATE").is_some() {
        fs::write(&file, &listing).unwrap();
    }
    let committed = fs::read_to_string(&file).unwrap_or_default();
    let differs = committed
        .lines()
        .zip(listing.lines())
        .position(|(ours, theirs)| ours != theirs);
    assert!(
        committed == listing,
        "the public surface has changed, first at line {} of public-api.txt; write it again with \
         PUSHSPEC_UPDATE=1 cargo test -p pushspec-parser --test public_api",
        differs.map_or_else(
            || committed.lines().count().min(listing.lines().count()) + 1,
            |at| at + 1
        ),
    );
}
