//! stub
#[derive(Debug)]
pub struct CertificateError;
impl std::fmt::Display for CertificateError {
    fn fmt(&self, _f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}
pub struct Certificate;
impl Certificate {
    pub fn metadata(&self) -> impl Iterator<Item = (&str, &str)> {
        std::iter::empty()
    }
}
