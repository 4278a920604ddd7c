//! What the target does that is legal and broke clients, with the clients and the issues that tell of it.

use crate::Report;
use crate::render::compat;
use maud::{Markup, html};

/// Whether there is such a section.
pub(super) fn is_shown(report: &Report) -> bool {
    !compat::seen(report).is_empty()
}

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
                        @let clients = hazard.clients.len();
                        summary {
                            span.said { (hazard.form) }
                            " " span.count { (clients) @if clients == 1 { " client" } @else { " clients" } }
                        }
                        div.body {
                            p { a href={ "#" (result.case) } { code { (result.case) } } ": " (result.observed) }
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
