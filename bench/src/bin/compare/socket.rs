//! A connection in memory, for peers that want to read from one: at most one chunk with each read, and never a wait.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use futures::io::AsyncBufRead;

pub struct Socket<'a> {
    current: Bytes,
    rest: std::slice::Iter<'a, Bytes>,
}

impl<'a> Socket<'a> {
    pub fn new(chunks: &'a [Bytes]) -> Self {
        Self {
            current: Bytes::new(),
            rest: chunks.iter(),
        }
    }

    fn fill(&mut self) -> &[u8] {
        if self.current.is_empty() {
            self.current = self.rest.next().cloned().unwrap_or_default();
        }
        &self.current
    }
}

impl io::Read for Socket<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let chunk = self.fill();
        let len = chunk.len().min(buffer.len());
        buffer[..len].copy_from_slice(&chunk[..len]);
        self.current.advance(len);
        Ok(len)
    }
}

impl io::Write for Socket<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl tokio::io::AsyncRead for Socket<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut tokio::io::ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let chunk = self.fill();
        let len = chunk.len().min(buffer.remaining());
        buffer.put_slice(&chunk[..len]);
        self.current.advance(len);
        Poll::Ready(Ok(()))
    }
}

impl tokio::io::AsyncWrite for Socket<'_> {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(buffer.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl futures::io::AsyncRead for Socket<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(io::Read::read(&mut *self, buffer))
    }
}

impl AsyncBufRead for Socket<'_> {
    fn poll_fill_buf(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        Poll::Ready(Ok(self.get_mut().fill()))
    }

    fn consume(mut self: Pin<&mut Self>, len: usize) {
        self.current.advance(len);
    }
}
