//! CURVE keys.

mod common;

use common::{bind_tcp, timed};
use zmq::{z85_decode, Context, CurveKeyPair, Error, Rep, Req};

/// Whether there is CURVE; without it, keys are refused.
fn has_curve() -> bool {
    let has = zmq::has("curve") == Some(true);
    if !has {
        assert_eq!(CurveKeyPair::new().err(), Some(Error::ENOTSUP));
        let derived = CurveKeyPair::from_secret_key([1; 32]);
        assert_eq!(derived.err(), Some(Error::ENOTSUP));
    }
    has
}

#[test]
fn pairs_encrypt_a_connection() {
    if !has_curve() {
        return;
    }
    timed(|| {
        let context = Context::new();
        let server_keys = CurveKeyPair::new().unwrap();
        let client_keys = CurveKeyPair::from_secret_key([7; 32]).unwrap();

        let server = context.socket(Rep).unwrap();
        server.set_curve_server(true).unwrap();
        server.set_curve_secretkey(&server_keys.secret_key).unwrap();
        let endpoint = bind_tcp(&server);

        let client = context.socket(Req).unwrap();
        let key = server_keys.public_key_z85();
        client.set_curve_serverkey(key.as_bytes()).unwrap();
        client.set_curve_publickey(&client_keys.public_key).unwrap();
        client.set_curve_secretkey(&client_keys.secret_key).unwrap();
        client.connect(&endpoint).unwrap();

        client.send("question", 0).unwrap();
        assert_eq!(server.recv_bytes(0).unwrap(), b"question");
        server.send("answer", 0).unwrap();
        assert_eq!(client.recv_bytes(0).unwrap(), b"answer");
        assert_eq!(client.get_mechanism(), Ok(zmq::Mechanism::ZMQ_CURVE));
    });
}

#[test]
fn a_secret_key_has_one_public_key() {
    if !has_curve() {
        return;
    }
    let (one, other) = (CurveKeyPair::new().unwrap(), CurveKeyPair::new().unwrap());
    assert_ne!(one.public_key, other.public_key);
    assert_ne!(one.secret_key, other.secret_key);
    for pair in [one, other] {
        let again = CurveKeyPair::from_secret_key(pair.secret_key).unwrap();
        assert_eq!(again.public_key, pair.public_key);
        assert_eq!(again.secret_key, pair.secret_key);
    }

    // The client's keys of the test case in libzmq's manual, zmq_curve(7).
    let key = |text| <[u8; 32]>::try_from(z85_decode(text).unwrap()).unwrap();
    let secret = key("D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs");
    let pair = CurveKeyPair::from_secret_key(secret).unwrap();
    assert_eq!(
        pair.public_key_z85(),
        "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"
    );
    assert_eq!(
        pair.secret_key_z85(),
        "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs"
    );
}

/// With CURVE or without.
#[test]
fn the_secret_key_is_not_shown() {
    let pair = CurveKeyPair {
        public_key: [0; 32],
        secret_key: [0x77; 32],
    };
    let shown = format!("{pair:?} {pair:#?}");
    assert!(shown.contains(&pair.public_key_z85()), "{shown}");
    assert!(!shown.contains("secret"), "{shown}");
    assert!(!shown.contains(&pair.secret_key_z85()), "{shown}");
    assert!(!shown.contains("119"), "{shown}");
}
