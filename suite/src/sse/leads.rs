//! Where a redirect leads (Fetch, "HTTP-redirect fetch").

use crate::http::Reply;
use url::Url;

/// Where an answer leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leads {
    /// To this URL, which may be another server's.
    To(Url),
    /// Nowhere: there is no Location.
    Missing,
    /// Nowhere: the Location is no URL of HTTP.
    Broken,
    /// This is no redirect.
    Nowhere,
}

/// Where the answer to a request for `base` leads.
pub fn leads(reply: &Reply, base: &Url) -> Leads {
    if !matches!(reply.head.status, 301 | 302 | 303 | 307 | 308) {
        return Leads::Nowhere;
    }
    let Some(location) = reply.head.first("location") else {
        return Leads::Missing;
    };
    let location = std::str::from_utf8(location).ok();
    match location.and_then(|location| base.join(location).ok()) {
        Some(url) if matches!(url.scheme(), "http" | "https") => Leads::To(url),
        Some(_) | None => Leads::Broken,
    }
}
