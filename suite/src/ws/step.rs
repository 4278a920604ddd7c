//! Where in the stream of a target's frames the next one begins, and whether it is one: a server that has lost its way goes
//! on in HTTP.

/// How an HTTP response begins. No frame does: it would be a Close in fragments, with a reserved bit.
const HTTP: &[u8] = b"HTTP/1.";

/// Bytes of a status line that are kept.
const STATUS_LINE: usize = 80;

/// The beginning of the next frame, as far as it came.
#[derive(Debug, Default)]
pub(super) struct Step {
    place: u64,
    beginning: Vec<u8>,
}

impl Step {
    /// More came.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            let wanted = match self.http() {
                Some(_) => STATUS_LINE,
                None => HTTP.len(),
            };
            if self.beginning.len() >= wanted {
                return;
            }
            self.beginning.push(byte);
        }
    }

    /// A frame came to its end, at this place behind the head, and so far these bytes stand behind it.
    pub(super) fn over(&mut self, place: u64, behind: &[u8]) {
        self.place = place;
        self.beginning.clear();
        self.take(behind);
    }

    /// From where on the target speaks HTTP; none where it does not.
    pub(super) fn http(&self) -> Option<u64> {
        self.beginning.starts_with(HTTP).then_some(self.place)
    }

    /// The status line of what it says, when it is complete, or long enough.
    pub(super) fn status_line(&self) -> Option<String> {
        self.http()?;
        let end = self
            .beginning
            .iter()
            .position(|byte| matches!(byte, b'\r' | b'\n'));
        let whole = end.is_some() || self.beginning.len() >= STATUS_LINE;
        let line = &self.beginning[..end.unwrap_or(self.beginning.len())];
        whole.then(|| String::from_utf8_lossy(line).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::Step;

    #[test]
    fn http_is_told_however_it_is_cut() {
        let said = b"HTTP/1.1 400 Bad Request\r\n\r\n";
        for cut in 0..said.len() {
            let mut step = Step::default();
            step.over(7, &said[..cut]);
            assert_eq!(step.http().is_some(), cut >= 7, "{cut}");
            step.take(&said[cut..]);
            assert_eq!(step.http(), Some(7));
            let line = step.status_line();
            assert_eq!(line.as_deref(), Some("HTTP/1.1 400 Bad Request"));
        }
    }

    #[test]
    fn a_frame_is_no_http() {
        let mut step = Step::default();
        step.take(b"\x81\x07HTTP/1.1");
        assert_eq!((step.http(), step.status_line()), (None, None));
    }
}
