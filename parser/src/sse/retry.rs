//! The value of a `retry` field: WHATWG HTML 9.2.6 takes it only if it is all ASCII digits.

/// A reconnection time in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Retry {
    pub(super) millis: u64,
    /// The number is beyond `u64`; `millis` is the largest there is.
    pub(super) saturated: bool,
}

/// Parses a value; the error is where the first byte stands that is no digit (0 if it is empty).
pub(super) fn parse(value: &[u8]) -> Result<Retry, usize> {
    if value.is_empty() {
        return Err(0);
    }
    let mut number = Some(0_u64);
    for (at, byte) in value.iter().enumerate() {
        if !byte.is_ascii_digit() {
            return Err(at);
        }
        number = number
            .and_then(|number| number.checked_mul(10))
            .and_then(|number| number.checked_add(u64::from(byte - b'0')));
    }
    Ok(Retry {
        millis: number.unwrap_or(u64::MAX),
        saturated: number.is_none(),
    })
}

#[cfg(test)]
mod tests {
    use super::{Retry, parse};

    #[test]
    fn values() {
        let fits = |millis| {
            Ok(Retry {
                millis,
                saturated: false,
            })
        };
        assert_eq!(parse(b"0"), fits(0));
        assert_eq!(parse(b"03000"), fits(3000));
        assert_eq!(parse(b"18446744073709551615"), fits(u64::MAX));
        let beyond = Ok(Retry {
            millis: u64::MAX,
            saturated: true,
        });
        assert_eq!(parse(b"18446744073709551616"), beyond);
        assert_eq!(parse(b"99999999999999999999999"), beyond);
        assert_eq!(parse(b""), Err(0));
        assert_eq!(parse(b"+5"), Err(0));
        assert_eq!(parse(b"1000x"), Err(4));
        assert_eq!(parse(b"1.5"), Err(1));
        assert_eq!(
            parse("٣".as_bytes()),
            Err(0),
            "digits of other scripts do not count"
        );
    }
}
