use super::certificate::*;
pub struct CertificateStore;
impl CertificateStore {
    pub fn open(_: impl AsRef<std::path::Path>) -> Result<CertificateStore, CertificateError> {
        Ok(CertificateStore)
    }
    pub fn find(&mut self, _: &[u8; 32]) -> Result<Option<&Certificate>, CertificateError> {
        Ok(None)
    }
}
