//! What a ROUTER sees: before each message, a frame that says which connection it has come
//! from. That is the peer's routing id, if it has given itself one, or else one that the
//! ROUTER makes up, of five bytes that begin with a zero. After it comes what the peer has
//! sent, which for a REQ is an empty frame and the request.
//!
//! `cargo run -p zmq-guide --bin identity`

fn main() -> zmq::Result<()> {
    let context = zmq::Context::new();
    let router = context.socket(zmq::Router)?;
    router.bind("inproc://example")?;

    let anonymous = context.socket(zmq::Req)?;
    anonymous.connect("inproc://example")?;
    anonymous.send("ROUTER makes up a routing id", 0)?;
    zmq_guide::dump(&router.recv_frames(0)?);

    let identified = context.socket(zmq::Req)?;
    identified.set_identity(b"PEER2")?; // before it connects
    identified.connect("inproc://example")?;
    identified.send("ROUTER uses the routing id of its peer", 0)?;
    zmq_guide::dump(&router.recv_frames(0)?);
    Ok(())
}
