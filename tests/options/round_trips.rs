//! Options that can be read back, and values that are refused.

use zmq::{Context, Error, GssapiNameType, Mechanism};
#[cfg(feature = "draft")]
use zmq::{NormMode, ReconnectStop, RouterNotify};

/// One line an option: the default, then a value that is set and read back, on a
/// typed socket and on a dynamic one.
macro_rules! round_trips {
    (since $version:expr; $($kind:ident $variant:ident: $getter:ident $setter:ident $default:expr => $value:expr;)*) => {$(
        #[test]
        fn $setter() {
            if zmq::version() < $version {
                let socket = Context::new().socket(zmq::$kind).unwrap();
                assert_eq!(socket.$setter($value), Err(Error::EINVAL));
                return;
            }
            round_trip!($kind $variant: $getter $setter $default => $value);
        }
    )*};
    ($($kind:ident $variant:ident: $getter:ident $setter:ident $default:expr => $value:expr;)*) => {$(
        #[test]
        fn $setter() {
            round_trip!($kind $variant: $getter $setter $default => $value);
        }
    )*};
}

macro_rules! round_trip {
    ($kind:ident $variant:ident: $getter:ident $setter:ident $default:expr => $value:expr) => {
        let context = Context::new();
        let socket = context.socket(zmq::$kind).unwrap();
        assert_eq!(socket.$getter(), Ok($default));
        socket.$setter($value).unwrap();
        assert_eq!(socket.$getter(), Ok($value));
        let socket = context.socket(zmq::$variant).unwrap();
        assert_eq!(socket.$getter(), Ok($default));
        socket.$setter($value).unwrap();
        assert_eq!(socket.$getter(), Ok($value));
    };
}

round_trips! {
    Pair PAIR: get_linger set_linger -1 => 250;
    Pair PAIR: get_affinity set_affinity 0 => 1 << 40;
    Pair PAIR: get_maxmsgsize set_maxmsgsize -1 => 1 << 40;
    Pair PAIR: is_immediate set_immediate false => true;
    Pair PAIR: is_ipv6 set_ipv6 false => true;
    Pair PAIR: get_reconnect_ivl set_reconnect_ivl 100 => 7;
    Pair PAIR: get_reconnect_ivl_max set_reconnect_ivl_max 0 => 7;
    Pair PAIR: get_connect_timeout set_connect_timeout 0 => 7;
    Pair PAIR: get_handshake_ivl set_handshake_ivl 30_000 => 7;
    Pair PAIR: get_heartbeat_ivl set_heartbeat_ivl 0 => 7;
    Pair PAIR: get_heartbeat_ttl set_heartbeat_ttl 0 => 6_553_500;
    Pair PAIR: get_heartbeat_timeout set_heartbeat_timeout -1 => 7;
    Pair PAIR: get_backlog set_backlog 100 => 7;
    Pair PAIR: get_sndbuf set_sndbuf -1 => 70_000;
    Pair PAIR: get_rcvbuf set_rcvbuf -1 => 70_000;
    Pair PAIR: get_tos set_tos 0 => 8;
    Pair PAIR: get_tcp_keepalive set_tcp_keepalive -1 => 1;
    Pair PAIR: get_tcp_keepalive_cnt set_tcp_keepalive_cnt -1 => 7;
    Pair PAIR: get_tcp_keepalive_idle set_tcp_keepalive_idle -1 => 7;
    Pair PAIR: get_tcp_keepalive_intvl set_tcp_keepalive_intvl -1 => 7;
    Pair PAIR: get_tcp_maxrt set_tcp_maxrt 0 => 7;
    Pair PAIR: get_rate set_rate 100 => 7;
    Pair PAIR: get_recovery_ivl set_recovery_ivl 10_000 => 7;
    Pair PAIR: get_multicast_hops set_multicast_hops 1 => 7;
    Pair PAIR: is_ipv4only set_ipv4only true => false;
    Pair PAIR: is_plain_server set_plain_server false => true;
    Push PUSH: get_sndhwm set_sndhwm 1000 => 7;
    Push PUSH: get_sndtimeo set_sndtimeo -1 => 7;
    Push PUSH: is_conflate set_conflate false => true;
    Pull PULL: get_rcvhwm set_rcvhwm 1000 => 7;
    Pull PULL: get_rcvtimeo set_rcvtimeo -1 => 7;
}

round_trips! {
    since (4, 2, 0);
    Pub PUB: is_invert_matching set_invert_matching false => true;
    XSub XSUB: get_multicast_maxtpdu set_multicast_maxtpdu 1500 => 700;
}

#[cfg(feature = "draft")]
round_trips! {
    Pair PAIR: get_in_batch_size set_in_batch_size 131_072 => 8192;
    Pair PAIR: get_out_batch_size set_out_batch_size 64_512 => 8192;
    Pair PAIR: get_priority set_priority 0 => 5;
    Pair PAIR: is_loopback_fastpath set_loopback_fastpath false => true;
    Pair PAIR: is_zap_enforce_domain set_zap_enforce_domain false => true;
    Pair PAIR: get_reconnect_stop set_reconnect_stop ReconnectStop::empty() => ReconnectStop::all();
    Dish DISH: is_multicast_loop set_multicast_loop true => false;
    Router ROUTER: get_router_notify set_router_notify RouterNotify::empty() => RouterNotify::all();
}

/// The same for texts, whose getters have a second `Result`.
macro_rules! texts {
    ($($getter:ident $setter:ident: $set:expr => $text:expr;)*) => {$(
        #[test]
        fn $setter() {
            let socket = Context::new().socket(zmq::Dealer).unwrap();
            assert_eq!(socket.$getter(), Ok(Ok(String::new())));
            socket.$setter($set).unwrap();
            assert_eq!(socket.$getter(), Ok(Ok($text.to_owned())));
        }
    )*};
}

texts! {
    get_socks_proxy set_socks_proxy: Some("proxy:1080") => "proxy:1080";
    get_zap_domain set_zap_domain: "domain" => "domain";
    get_plain_username set_plain_username: Some("user") => "user";
    get_plain_password set_plain_password: Some("secret") => "secret";
}

#[cfg(feature = "draft")]
texts! {
    get_socks_username set_socks_username: Some("user") => "user";
    get_socks_password set_socks_password: Some("secret") => "secret";
}

#[test]
fn texts_can_be_unset() {
    let socket = Context::new().socket(zmq::Dealer).unwrap();
    socket.set_socks_proxy(Some("proxy:1080")).unwrap();
    socket.set_socks_proxy(None).unwrap();
    assert_eq!(socket.get_socks_proxy(), Ok(Ok(String::new())));
    socket.set_plain_username(Some("user")).unwrap();
    assert_eq!(socket.get_mechanism(), Ok(Mechanism::ZMQ_PLAIN));
    socket.set_plain_username(None).unwrap();
    assert_eq!(socket.get_mechanism(), Ok(Mechanism::ZMQ_NULL));
    // 255 bytes are the most that the protocol can carry.
    assert_eq!(
        socket.set_plain_username(Some(&"x".repeat(256))),
        Err(Error::EINVAL)
    );
}

#[test]
fn set_identity() {
    let socket = Context::new().socket(zmq::Dealer).unwrap();
    assert_eq!(socket.get_identity().unwrap(), b"");
    let longest = [0xff; 255];
    socket.set_identity(&longest).unwrap();
    assert_eq!(socket.get_identity().unwrap(), longest);
    assert_eq!(socket.set_identity(&[1; 256]), Err(Error::EINVAL));
    assert_eq!(socket.get_identity().unwrap(), longest);
}

#[test]
fn curve_keys_are_bytes_or_text() {
    let socket = Context::new().socket(zmq::Dealer).unwrap();
    if zmq::has("curve") != Some(true) {
        assert_eq!(socket.set_curve_server(true), Err(Error::EINVAL));
        return;
    }
    assert_eq!(socket.is_curve_server(), Ok(false));
    assert_eq!(socket.get_mechanism(), Ok(Mechanism::ZMQ_NULL));
    // The key pair of the test case in libzmq's manual, zmq_curve_keypair(3).
    let text = b"Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID";
    let key = [
        0xbb, 0x88, 0x47, 0x1d, 0x65, 0xe2, 0x65, 0x9b, 0x30, 0xc5, 0x5a, 0x53, 0x21, 0xce, 0xbb,
        0x5a, 0xab, 0x2b, 0x70, 0xa3, 0x98, 0x64, 0x5c, 0x26, 0xdc, 0xa2, 0xb2, 0xfc, 0xb4, 0x3f,
        0xc5, 0x18,
    ];
    socket.set_curve_publickey(text).unwrap();
    assert_eq!(socket.get_curve_publickey().unwrap(), key);
    socket.set_curve_secretkey(&key).unwrap();
    assert_eq!(socket.get_curve_secretkey().unwrap(), key);
    socket
        .set_curve_serverkey(&[&text[..], b"\0"].concat())
        .unwrap();
    assert_eq!(socket.get_curve_serverkey().unwrap(), key);
    assert_eq!(socket.get_mechanism(), Ok(Mechanism::ZMQ_CURVE));
    // Without a NUL at its end, C would read on beyond the 41.
    for wrong in [&[b'a'; 41][..], &key[..31], b"", &text[..39]] {
        assert_eq!(socket.set_curve_publickey(wrong), Err(Error::EINVAL));
        assert_eq!(socket.set_curve_secretkey(wrong), Err(Error::EINVAL));
        assert_eq!(socket.set_curve_serverkey(wrong), Err(Error::EINVAL));
    }
    let server = Context::new().socket(zmq::Rep).unwrap();
    server.set_curve_server(true).unwrap();
    assert_eq!(server.is_curve_server(), Ok(true));
}

#[test]
fn gssapi_options_need_gssapi() {
    let socket = Context::new().socket(zmq::Dealer).unwrap();
    if !cfg!(zmq_vendored) {
        // Whatever it has: it is not the mended one.
        let refused = [
            socket.set_gssapi_server(true),
            socket.set_gssapi_principal("host@here"),
            socket.set_gssapi_service_principal("service@there"),
        ];
        assert_eq!(refused, [Err(Error::ENOTSUP); 3]);
        assert_eq!(socket.get_mechanism(), Ok(Mechanism::ZMQ_NULL));
        return;
    }
    if zmq::has("gssapi") == Some(true) {
        assert_eq!(socket.is_gssapi_server(), Ok(false));
        socket.set_gssapi_server(true).unwrap();
        assert_eq!(socket.is_gssapi_server(), Ok(true));
        socket.set_gssapi_plaintext(true).unwrap();
        assert_eq!(socket.is_gssapi_plaintext(), Ok(true));
        socket.set_gssapi_principal("host@here").unwrap();
        assert_eq!(socket.get_gssapi_principal(), Ok(Ok("host@here".into())));
        socket
            .set_gssapi_service_principal("service@there")
            .unwrap();
        assert_eq!(
            socket.get_gssapi_service_principal(),
            Ok(Ok("service@there".into()))
        );
        return;
    }
    assert_eq!(socket.is_gssapi_server(), Err(Error::EINVAL));
    assert_eq!(socket.set_gssapi_server(true), Err(Error::EINVAL));
    assert_eq!(socket.set_gssapi_plaintext(true), Err(Error::EINVAL));
    assert_eq!(socket.set_gssapi_principal("host@here"), Err(Error::EINVAL));
    assert_eq!(
        socket.set_gssapi_service_principal("service@there"),
        Err(Error::EINVAL)
    );
}

#[test]
fn a_wrong_value_is_refused_and_changes_nothing() {
    let socket = Context::new().socket(zmq::Dealer).unwrap();
    assert_eq!(socket.set_linger(-2), Err(Error::EINVAL));
    assert_eq!(socket.get_linger(), Ok(-1));
    assert_eq!(socket.set_sndhwm(-1), Err(Error::EINVAL));
    assert_eq!(socket.get_sndhwm(), Ok(1000));
    assert_eq!(socket.set_tcp_keepalive(2), Err(Error::EINVAL));
    assert_eq!(socket.set_heartbeat_ttl(6_553_600), Err(Error::EINVAL));
}

#[test]
fn what_libzmq_cannot_read_back_is_an_error() {
    let socket = Context::new().socket(zmq::ROUTER).unwrap();
    assert_eq!(socket.is_probe_router(), Err(Error::EINVAL));
    assert_eq!(socket.is_router_mandatory(), Err(Error::EINVAL));
    assert_eq!(socket.is_router_handover(), Err(Error::EINVAL));
}

#[test]
fn ipv4only_is_the_opposite_of_ipv6() {
    let socket = Context::new().socket(zmq::Pair).unwrap();
    socket.set_ipv4only(false).unwrap();
    assert_eq!(socket.is_ipv6(), Ok(true));
}

#[test]
fn thread_safe_tells_which_sockets_are() {
    let context = Context::new();
    if zmq::version() < (4, 2, 0) {
        return;
    }
    assert_eq!(
        context.socket(zmq::Pair).unwrap().is_thread_safe(),
        Ok(false)
    );
    #[cfg(feature = "draft")]
    assert_eq!(
        context.socket(zmq::Client).unwrap().is_thread_safe(),
        Ok(true)
    );
}

/// One line an option that libzmq must be built for: a value that is set, and read
/// back if it can be; otherwise both are an error.
macro_rules! built_in {
    ($($capability:literal: $kind:ident $setter:ident($value:expr) $($getter:ident)?;)*) => {$(
        let socket = Context::new().socket(zmq::$kind).unwrap();
        let has_it = zmq::has($capability) == Some(true);
        let expected = if has_it { Ok(()) } else { Err(Error::EINVAL) };
        assert_eq!(socket.$setter($value), expected, stringify!($setter));
        $(assert_eq!(socket.$getter(), expected.map(|()| $value), stringify!($getter));)?
    )*};
}

#[test]
fn options_of_what_is_not_built_in() {
    built_in! {
        "gssapi": Pair set_gssapi_principal_nametype(GssapiNameType::UserName)
            get_gssapi_principal_nametype;
        "gssapi": Pair set_gssapi_service_principal_nametype(GssapiNameType::Krb5Principal)
            get_gssapi_service_principal_nametype;
        "vmci": Pair set_vmci_buffer_size(4096) get_vmci_buffer_size;
        "vmci": Pair set_vmci_buffer_min_size(4096) get_vmci_buffer_min_size;
        "vmci": Pair set_vmci_buffer_max_size(4096) get_vmci_buffer_max_size;
        "vmci": Pair set_vmci_connect_timeout(7) get_vmci_connect_timeout;
    }
}

#[cfg(feature = "draft")]
#[test]
fn draft_options_of_what_is_not_built_in() {
    built_in! {
        "WSS": Pair set_wss_key_pem("key");
        "WSS": Pair set_wss_cert_pem("certificate");
        "WSS": Pair set_wss_trust_pem("certificate");
        "WSS": Pair set_wss_hostname("host");
        "WSS": Pair set_wss_trust_system(true);
        "norm": Pub set_norm_mode(NormMode::Fixed) get_norm_mode;
        "norm": Pub set_norm_unicast_nack(true) is_norm_unicast_nack;
        "norm": Pub set_norm_buffer_size(7) get_norm_buffer_size;
        "norm": Pub set_norm_segment_size(7) get_norm_segment_size;
        "norm": Pub set_norm_block_size(7) get_norm_block_size;
        "norm": Pub set_norm_num_parity(7) get_norm_num_parity;
        "norm": Pub set_norm_num_autoparity(7) get_norm_num_autoparity;
        "norm": Pub set_norm_push(true) is_norm_push;
    }
}

#[test]
fn what_libzmq_would_cut_off_is_refused() {
    let socket = Context::new().socket(zmq::Dealer).unwrap();
    assert_eq!(socket.set_tos(256), Err(Error::EINVAL));
    assert_eq!(socket.set_tos(-1), Err(Error::EINVAL));
    assert_eq!(socket.set_zap_domain(&"x".repeat(256)), Err(Error::EINVAL));
    assert_eq!(
        socket.set_bindtodevice(Some("0123456789abcdef")),
        Err(Error::EINVAL)
    );
    assert_eq!(socket.set_bindtodevice(Some("l\0o")), Err(Error::EINVAL));
    for filter in [
        "",
        "127.0.0.1/",
        "127.0.0.1/33",
        "127.0.0.1/8x",
        "127.0.0.1/ 8",
        "nobody",
        "::1",
    ] {
        assert!(
            socket.set_tcp_accept_filter(Some(filter)).is_err(),
            "{filter}"
        );
    }
}

/// libzmq takes any number, and with one of 8 or less its decoder takes its own
/// state for a message's content.
#[cfg(feature = "draft")]
#[test]
fn batches_have_limits() {
    let socket = Context::new().socket(zmq::Dealer).unwrap();
    for wrong in [-1, 0, 1, 8, 63, (1 << 24) + 1, i32::MAX] {
        assert_eq!(socket.set_in_batch_size(wrong), Err(Error::EINVAL));
        assert_eq!(socket.set_out_batch_size(wrong), Err(Error::EINVAL));
    }
    assert_eq!(socket.set_in_batch_size(1 << 24), Ok(()));
}

#[cfg(feature = "draft")]
#[test]
fn metadata_has_a_form() {
    let socket = Context::new().socket(zmq::Dealer).unwrap();
    let long = format!("X-{}:v", "x".repeat(254));
    for wrong in [
        "",
        "color:blue",
        "X-color",
        ":blue",
        "X-color:",
        "X-c\0:b",
        &long,
    ] {
        assert_eq!(socket.set_metadata(wrong), Err(Error::EINVAL), "{wrong}");
    }
    assert_eq!(socket.set_metadata(&long.replacen("xx", "x", 1)), Ok(()));
}
