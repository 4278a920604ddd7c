//! What a response says about being stored: `Cache-Control` and `Expires` (RFC 9111 sections 4.2 and 5.2).

use pushspec_parser::http::ResponseHead;
use pushspec_reports::printable;

/// What caches may do with a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Caching {
    /// Nothing without asking: `no-store`, `no-cache`, or no time at all.
    Forbidden,
    /// No field says anything to the point; why.
    Unsaid(String),
    /// Store it and give it out again; what says so.
    Allowed(String),
}

pub(super) fn caching(head: &ResponseHead) -> Caching {
    let directives: Vec<(String, Option<u64>)> =
        head.list("cache-control").map(directive).collect();
    let has = |name: &str| directives.iter().any(|(this, _)| this == name);
    let seconds = |name: &str| {
        let (_, seconds) = directives.iter().find(|(this, _)| this == name)?;
        *seconds
    };
    if has("no-store") || has("no-cache") {
        return Caching::Forbidden;
    }
    let lifetimes = [seconds("max-age"), seconds("s-maxage")];
    let lives = lifetimes.into_iter().flatten().any(|time| time > 0);
    // Whoever may store what has no time to live has to ask before it gives it out again.
    if !lives && lifetimes.contains(&Some(0)) {
        return Caching::Forbidden;
    }
    if lives || has("public") || has("immutable") {
        let value: Vec<&[u8]> = head.all("cache-control").collect();
        let value = printable(&value.join(&b", "[..]), 80);
        return Caching::Allowed(format!("Cache-Control: {value}"));
    }
    let expires = head.first("expires");
    let moment = |name: &str| head.first(name).and_then(date);
    match (expires, moment("expires"), moment("date")) {
        (None, _, _) if directives.is_empty() => Caching::Unsaid("no Cache-Control".into()),
        (None, _, _) => Caching::Unsaid("a Cache-Control that forbids no storing".into()),
        // RFC 9111 section 5.3: a value that is no date is in the past.
        (Some(_), None, _) => Caching::Forbidden,
        (Some(value), Some(expires), Some(date)) if expires > date => {
            Caching::Allowed(format!("Expires: {}", printable(value, 40)))
        }
        (Some(_), Some(_), Some(_)) => Caching::Forbidden,
        (Some(value), Some(_), None) => Caching::Unsaid(format!(
            "no Cache-Control, and Expires: {} without a Date to compare it with",
            printable(value, 40)
        )),
    }
}

/// A directive's name in lower case, and its argument where that is a number of seconds.
fn directive(element: &[u8]) -> (String, Option<u64>) {
    let text = String::from_utf8_lossy(element);
    let (name, argument) = match text.split_once('=') {
        Some((name, argument)) => (name, argument.trim().trim_matches('"').parse().ok()),
        None => (&*text, None),
    };
    (name.trim().to_ascii_lowercase(), argument)
}

/// A moment as year, month, day, time: an order, no calendar.
type Moment = (u16, usize, u8, String);

/// `Sun, 06 Nov 1994 08:49:37 GMT`, the form that senders must use (RFC 9110 section 5.6.7).
fn date(value: &[u8]) -> Option<Moment> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let text = std::str::from_utf8(value).ok()?;
    let mut words = text.split_once(", ")?.1.split(' ');
    let day = words.next()?.parse().ok()?;
    let month = words.next()?;
    let month = MONTHS.iter().position(|this| *this == month)?;
    let year = words.next()?.parse().ok()?;
    let time = words.next()?;
    (time.len() == 8 && words.next() == Some("GMT")).then(|| (year, month, day, time.into()))
}

#[cfg(test)]
mod tests {
    use super::{Caching, caching};
    use pushspec_parser::http::{HeadLimits, HeadParse, ResponseHead};

    fn of(fields: &str) -> Caching {
        let head = format!("HTTP/1.1 200 OK\r\n{fields}\r\n");
        match ResponseHead::parse(head.as_bytes(), HeadLimits::default()) {
            HeadParse::Complete(head) => caching(&head),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn fields_and_what_they_allow() {
        const NOW: &str = "Date: Fri, 20 Nov 2026 10:00:00 GMT\r\n";
        for forbidden in [
            "Cache-Control: no-cache, no-transform\r\n",
            "Cache-Control: No-Store\r\n",
            "Cache-Control: public\r\nCache-Control: no-store\r\n",
            "Cache-Control: private, max-age=0\r\n",
            "Cache-Control: public, max-age=0, must-revalidate\r\n",
            "Expires: 0\r\n",
            &format!("{NOW}Expires: Fri, 20 Nov 2026 10:00:00 GMT\r\n"),
        ] {
            assert_eq!(of(forbidden), Caching::Forbidden, "{forbidden:?}");
        }
        for allowed in [
            "Cache-Control: max-age=\"60\"\r\n",
            "Cache-Control: public\r\n",
            "Cache-Control: private, s-maxage=1\r\n",
            "Cache-Control: max-age=0, s-maxage=60\r\n",
            &format!("{NOW}Expires: Fri, 20 Nov 2026 10:00:01 GMT\r\n"),
            &format!("{NOW}Expires: Tue, 01 Dec 2026 09:00:00 GMT\r\n"),
        ] {
            assert!(matches!(of(allowed), Caching::Allowed(_)), "{allowed:?}");
        }
        for unsaid in [
            "",
            "Cache-Control: private\r\n",
            "Expires: Fri, 20 Nov 2026 10:00:01 GMT\r\n",
        ] {
            assert!(matches!(of(unsaid), Caching::Unsaid(_)), "{unsaid:?}");
        }
    }
}
