#[cfg(unix)] pub type sigset_t = ::libc::sigset_t;
#[cfg(windows)] pub type sigset_t = ::libc::c_void;

pub const ZMQ_SERVER: u32 = 12;
pub const ZMQ_CLIENT: u32 = 13;
pub const ZMQ_RADIO: u32 = 14;
pub const ZMQ_DISH: u32 = 15;
pub const ZMQ_GATHER: u32 = 16;
pub const ZMQ_SCATTER: u32 = 17;
pub const ZMQ_DGRAM: u32 = 18;
pub const ZMQ_PEER: u32 = 19;
pub const ZMQ_CHANNEL: u32 = 20;
pub const ZMQ_ZAP_ENFORCE_DOMAIN: u32 = 93;
pub const ZMQ_LOOPBACK_FASTPATH: u32 = 94;
pub const ZMQ_METADATA: u32 = 95;
pub const ZMQ_MULTICAST_LOOP: u32 = 96;
pub const ZMQ_ROUTER_NOTIFY: u32 = 97;
pub const ZMQ_XPUB_MANUAL_LAST_VALUE: u32 = 98;
pub const ZMQ_SOCKS_USERNAME: u32 = 99;
pub const ZMQ_SOCKS_PASSWORD: u32 = 100;
pub const ZMQ_IN_BATCH_SIZE: u32 = 101;
pub const ZMQ_OUT_BATCH_SIZE: u32 = 102;
pub const ZMQ_WSS_KEY_PEM: u32 = 103;
pub const ZMQ_WSS_CERT_PEM: u32 = 104;
pub const ZMQ_WSS_TRUST_PEM: u32 = 105;
pub const ZMQ_WSS_HOSTNAME: u32 = 106;
pub const ZMQ_WSS_TRUST_SYSTEM: u32 = 107;
pub const ZMQ_ONLY_FIRST_SUBSCRIBE: u32 = 108;
pub const ZMQ_RECONNECT_STOP: u32 = 109;
pub const ZMQ_HELLO_MSG: u32 = 110;
pub const ZMQ_DISCONNECT_MSG: u32 = 111;
pub const ZMQ_PRIORITY: u32 = 112;
pub const ZMQ_BUSY_POLL: u32 = 113;
pub const ZMQ_HICCUP_MSG: u32 = 114;
pub const ZMQ_XSUB_VERBOSE_UNSUBSCRIBE: u32 = 115;
pub const ZMQ_TOPICS_COUNT: u32 = 116;
pub const ZMQ_NORM_MODE: u32 = 117;
pub const ZMQ_NORM_UNICAST_NACK: u32 = 118;
pub const ZMQ_NORM_BUFFER_SIZE: u32 = 119;
pub const ZMQ_NORM_SEGMENT_SIZE: u32 = 120;
pub const ZMQ_NORM_BLOCK_SIZE: u32 = 121;
pub const ZMQ_NORM_NUM_PARITY: u32 = 122;
pub const ZMQ_NORM_NUM_AUTOPARITY: u32 = 123;
pub const ZMQ_NORM_PUSH: u32 = 124;
pub const ZMQ_NORM_FIXED: u32 = 0;
pub const ZMQ_NORM_CC: u32 = 1;
pub const ZMQ_NORM_CCL: u32 = 2;
pub const ZMQ_NORM_CCE: u32 = 3;
pub const ZMQ_NORM_CCE_ECNONLY: u32 = 4;
pub const ZMQ_RECONNECT_STOP_CONN_REFUSED: u32 = 1;
pub const ZMQ_RECONNECT_STOP_HANDSHAKE_FAILED: u32 = 2;
pub const ZMQ_RECONNECT_STOP_AFTER_DISCONNECT: u32 = 4;
pub const ZMQ_ZERO_COPY_RECV: u32 = 10;
pub const ZMQ_MSG_PROPERTY_ROUTING_ID: &[u8; 11] = b"Routing-Id\0";
pub const ZMQ_MSG_PROPERTY_SOCKET_TYPE: &[u8; 12] = b"Socket-Type\0";
pub const ZMQ_MSG_PROPERTY_USER_ID: &[u8; 8] = b"User-Id\0";
pub const ZMQ_MSG_PROPERTY_PEER_ADDRESS: &[u8; 13] = b"Peer-Address\0";
pub const ZMQ_NOTIFY_CONNECT: u32 = 1;
pub const ZMQ_NOTIFY_DISCONNECT: u32 = 2;
pub const ZMQ_EVENT_PIPES_STATS: u32 = 65536;
pub const ZMQ_CURRENT_EVENT_VERSION: u32 = 1;
pub const ZMQ_CURRENT_EVENT_VERSION_DRAFT: u32 = 2;
pub const ZMQ_EVENT_ALL_V1: u32 = 65535;
pub const ZMQ_EVENT_ALL_V2: u32 = 131071;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct zmq_poller_event_t {
    pub socket: *mut ::libc::c_void,
    pub fd: zmq_fd_t,
    pub user_data: *mut ::libc::c_void,
    pub events: ::libc::c_short,
}
impl Default for zmq_poller_event_t {
    fn default() -> Self {
        let mut s = ::std::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::std::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
unsafe extern "C" {
    pub fn zmq_ctx_set_ext(
        context_: *mut ::libc::c_void,
        option_: ::libc::c_int,
        optval_: *const ::libc::c_void,
        optvallen_: usize,
    ) -> ::libc::c_int;
    pub fn zmq_ctx_get_ext(
        context_: *mut ::libc::c_void,
        option_: ::libc::c_int,
        optval_: *mut ::libc::c_void,
        optvallen_: *mut usize,
    ) -> ::libc::c_int;
    pub fn zmq_join(
        s: *mut ::libc::c_void,
        group: *const ::libc::c_char,
    ) -> ::libc::c_int;
    pub fn zmq_leave(
        s: *mut ::libc::c_void,
        group: *const ::libc::c_char,
    ) -> ::libc::c_int;
    pub fn zmq_connect_peer(
        s_: *mut ::libc::c_void,
        addr_: *const ::libc::c_char,
    ) -> u32;
    pub fn zmq_msg_set_routing_id(msg: *mut zmq_msg_t, routing_id: u32) -> ::libc::c_int;
    pub fn zmq_msg_routing_id(msg: *mut zmq_msg_t) -> u32;
    pub fn zmq_msg_set_group(
        msg: *mut zmq_msg_t,
        group: *const ::libc::c_char,
    ) -> ::libc::c_int;
    pub fn zmq_msg_group(msg: *mut zmq_msg_t) -> *const ::libc::c_char;
    pub fn zmq_msg_init_buffer(
        msg_: *mut zmq_msg_t,
        buf_: *const ::libc::c_void,
        size_: usize,
    ) -> ::libc::c_int;
    pub fn zmq_poller_new() -> *mut ::libc::c_void;
    pub fn zmq_poller_destroy(poller_p: *mut *mut ::libc::c_void) -> ::libc::c_int;
    pub fn zmq_poller_size(poller: *mut ::libc::c_void) -> ::libc::c_int;
    pub fn zmq_poller_add(
        poller: *mut ::libc::c_void,
        socket: *mut ::libc::c_void,
        user_data: *mut ::libc::c_void,
        events: ::libc::c_short,
    ) -> ::libc::c_int;
    pub fn zmq_poller_modify(
        poller: *mut ::libc::c_void,
        socket: *mut ::libc::c_void,
        events: ::libc::c_short,
    ) -> ::libc::c_int;
    pub fn zmq_poller_remove(
        poller: *mut ::libc::c_void,
        socket: *mut ::libc::c_void,
    ) -> ::libc::c_int;
    pub fn zmq_poller_wait(
        poller: *mut ::libc::c_void,
        event: *mut zmq_poller_event_t,
        timeout: ::libc::c_long,
    ) -> ::libc::c_int;
    pub fn zmq_poller_wait_all(
        poller: *mut ::libc::c_void,
        events: *mut zmq_poller_event_t,
        n_events: ::libc::c_int,
        timeout: ::libc::c_long,
    ) -> ::libc::c_int;
    pub fn zmq_poller_fd(
        poller: *mut ::libc::c_void,
        fd: *mut zmq_fd_t,
    ) -> ::libc::c_int;
    pub fn zmq_poller_add_fd(
        poller: *mut ::libc::c_void,
        fd: zmq_fd_t,
        user_data: *mut ::libc::c_void,
        events: ::libc::c_short,
    ) -> ::libc::c_int;
    pub fn zmq_poller_modify_fd(
        poller: *mut ::libc::c_void,
        fd: zmq_fd_t,
        events: ::libc::c_short,
    ) -> ::libc::c_int;
    pub fn zmq_poller_remove_fd(
        poller: *mut ::libc::c_void,
        fd: zmq_fd_t,
    ) -> ::libc::c_int;
    pub fn zmq_socket_get_peer_state(
        socket: *mut ::libc::c_void,
        routing_id: *const ::libc::c_void,
        routing_id_size: usize,
    ) -> ::libc::c_int;
    pub fn zmq_socket_monitor_versioned(
        s_: *mut ::libc::c_void,
        addr_: *const ::libc::c_char,
        events_: u64,
        event_version_: ::libc::c_int,
        type_: ::libc::c_int,
    ) -> ::libc::c_int;
    pub fn zmq_socket_monitor_pipes_stats(s: *mut ::libc::c_void) -> ::libc::c_int;
    pub fn zmq_ppoll(
        items_: *mut zmq_pollitem_t,
        nitems_: ::libc::c_int,
        timeout_: ::libc::c_long,
        sigmask_: *const sigset_t,
    ) -> ::libc::c_int;
}
