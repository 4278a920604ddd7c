//! What the cases of Autobahn|Testsuite would come to, in its words, with links to the cases behind them.

use crate::render::autobahn::{MEANING, classes};
use crate::{AutobahnCase, AutobahnClass, Report};
use maud::{Markup, html};

/// The classes that occur; nothing where the run was not asked for them.
pub(super) fn section(report: &Report) -> Markup {
    html! {
        @if !report.autobahn.is_empty() {
            section #autobahn aria-labelledby="autobahn-title" {
                h2 #autobahn-title { "In Autobahn’s words" }
                p { (MEANING) }
                @for (class, cases) in classes(report) {
                    @match class {
                        AutobahnClass::Ok => p { (cases.len()) " " (class) },
                        AutobahnClass::Informational
                        | AutobahnClass::NonStrict
                        | AutobahnClass::Unimplemented
                        | AutobahnClass::Undecided
                        | AutobahnClass::Unclean
                        | AutobahnClass::WrongCode
                        | AutobahnClass::Failed => (apart(class, &cases)),
                    }
                }
            }
        }
    }
}

/// Cases of a class that is not OK.
fn apart(class: AutobahnClass, cases: &[&AutobahnCase]) -> Markup {
    html! {
        details.requirement {
            summary { span.said { (cases.len()) " " (class) } }
            div.body {
                ul {
                    @for case in cases {
                        li {
                            (case.id)
                            @for id in &case.cases {
                                " " a href={ "#" (id) } { code { (id) } }
                            }
                        }
                    }
                }
            }
        }
    }
}
