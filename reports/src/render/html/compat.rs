//! What the target does that is legal and broke clients, with the clients and the issues that tell of it.

use crate::Report;
use crate::render::compat;
use maud::{Markup, html};

/// Every hazard that was seen; nothing where none was.
pub(super) fn section(report: &Report) -> Markup {
    let seen = compat::seen(report);
    html! {
        @if !seen.is_empty() {
            section #compatibility aria-labelledby="compatibility-title" {
                h2 #compatibility-title { "Compatibility" }
                p { (compat::MEANING) }
                @for (hazard, result) in seen {
                    details.requirement {
                        summary { span.said { (hazard.form) } }
                        div.body {
                            p { a href={ "#" (result.case) } { code { (result.case) } } " " (result.observed) }
                            ul {
                                @for client in &hazard.clients {
                                    li { a href=(client.link) rel="noreferrer" { (client.name) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
