/* What is mended in the GSSAPI of libzmq 4.3.5 while it is compiled. Included by
 * mend.h, in C++ and with GSSAPI only.
 *
 * A server asks its ZAP handler about a peer, and lets it in whatever the answer
 * is (gssapi_server.cpp, process_handshake_command and zap_msg_available). And if
 * a handler has to be there, because the domain is enforced, it lets the peer in
 * without one. Any answer but 200 ends the connection; so does a handler that is
 * missed, before the peer's first token is looked at, as with CURVE.
 *
 * A token that its sender has not sealed, only signed, ends the process, as does
 * one without content (gssapi_mechanism_base.cpp, decode_message). They are taken
 * for what cannot be unsealed, which ends the connection. Should a message be
 * impossible to seal, that would end the process too; an empty token is sent
 * instead, at which the peer ends the connection.
 *
 * A client frees the token of a server that it does not understand. When it is
 * woken to send something it begins again with that token, and frees it again
 * (gssapi_client.cpp, initialize_context). It forgets the token with its first
 * use.
 *
 * Nobody frees the copy of each message that is sealed; the copy of a principal's
 * name that each connection has; a principal whose key is missing; and a token
 * that is followed by something else, which peers without a ticket can send. */

#include <errno.h>
#include <stdlib.h>

#include <zmq.h>
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_krb5.h>

namespace zmq_mend
{
//  Frees what a pointer elsewhere points to in the end.
template <typename T> struct freed_t
{
    T *&what;
    explicit freed_t (T *&what_) : what (what_) {}
    ~freed_t () { free (what); }
};

//  Frees the input, which must be of malloc.
inline OM_uint32 wrap (OM_uint32 *minor_,
                       gss_ctx_id_t context_,
                       int seal_,
                       gss_qop_t quality_,
                       gss_buffer_t input_,
                       int *sealed_,
                       gss_buffer_t output_)
{
    OM_uint32 minor;
    const OM_uint32 major = gss_wrap (minor_, context_, seal_, quality_, input_,
                                      sealed_, output_);
    free (input_->value);
    input_->value = NULL;
    if (major != GSS_S_COMPLETE || !*sealed_) {
        gss_release_buffer (&minor, output_);
        *sealed_ = 1;
    }
    return GSS_S_COMPLETE;
}

//  Fails if the input was not sealed, or there was nothing in it.
inline OM_uint32 unwrap (OM_uint32 *minor_,
                         gss_ctx_id_t context_,
                         gss_buffer_t input_,
                         gss_buffer_t output_,
                         int *sealed_,
                         gss_qop_t *quality_)
{
    const OM_uint32 major =
      gss_unwrap (minor_, context_, input_, output_, sealed_, quality_);
    if (major == GSS_S_COMPLETE && (!*sealed_ || output_->length == 0))
        return GSS_S_DEFECTIVE_TOKEN;
    return major;
}

//  Frees and forgets the input, which must be of malloc.
inline OM_uint32 init_sec_context (OM_uint32 *minor_,
                                   gss_cred_id_t cred_,
                                   gss_ctx_id_t *context_,
                                   gss_name_t target_,
                                   gss_OID mechanism_,
                                   OM_uint32 flags_,
                                   OM_uint32 time_,
                                   gss_channel_bindings_t bindings_,
                                   gss_buffer_desc *&input_,
                                   gss_OID *actual_,
                                   gss_buffer_t output_,
                                   OM_uint32 *ret_flags_,
                                   OM_uint32 *ret_time_)
{
    const OM_uint32 major = gss_init_sec_context (
      minor_, cred_, context_, target_, mechanism_, flags_, time_, bindings_,
      input_, actual_, output_, ret_flags_, ret_time_);
    if (input_ != GSS_C_NO_BUFFER) {
        free (input_->value);
        input_->value = NULL;
        input_->length = 0;
        input_ = GSS_C_NO_BUFFER;
    }
    return major;
}

//  Releases the name if there are no credentials for it.
inline OM_uint32 acquire_cred (OM_uint32 *minor_,
                               gss_name_t name_,
                               OM_uint32 time_,
                               gss_OID_set mechanisms_,
                               gss_cred_usage_t usage_,
                               gss_cred_id_t *cred_,
                               gss_OID_set *actual_,
                               OM_uint32 *ret_time_)
{
    OM_uint32 minor;
    const OM_uint32 major =
      gss_acquire_cred (minor_, name_, time_, mechanisms_, usage_, cred_,
                        actual_, ret_time_);
    if (major != GSS_S_COMPLETE)
        gss_release_name (&minor, &name_);
    return major;
}
}

#define gss_wrap zmq_mend::wrap
#define gss_unwrap zmq_mend::unwrap
#define gss_init_sec_context zmq_mend::init_sec_context
#define gss_acquire_cred zmq_mend::acquire_cred

/* Members that free others when the connection's mechanism goes. */
#define do_encryption                                                          \
    do_encryption;                                                             \
    zmq_mend::freed_t<void> freed_token{recv_tok.value};                       \
    zmq_mend::freed_t<char> freed_name                                         \
    {                                                                          \
        principal_name                                                         \
    }
#include "gssapi_mechanism_base.hpp"
#undef do_encryption

/* Both places that ask the handler give up when this fails. */
#define process_next_token                                                     \
    receive_and_process_zap_reply () ZMQ_OVERRIDE                              \
    {                                                                          \
        const int rc = zap_client_t::receive_and_process_zap_reply ();         \
        if (rc != 0 || status_code == "200")                                   \
            return rc;                                                         \
        errno = EPROTO;                                                        \
        return -1;                                                             \
    }                                                                          \
    int process_next_token
#include "gssapi_server.hpp"
#undef process_next_token

/* Called, with `msg_`, where a token has come: -1 ends the connection. */
#define process_next_token(message) ZMQ_MEND_NEXT_TOKEN_##message)
#define ZMQ_MEND_NEXT_TOKEN_msg_t process_next_token (msg_t
#define ZMQ_MEND_NEXT_TOKEN_msg_                                               \
    options.as_server &&options.zap_enforce_domain                             \
        && session->zap_connect () != 0                                        \
      ? (session->get_socket ()->event_handshake_failed_no_detail (            \
           session->get_endpoint (), EFAULT),                                  \
         errno = EPROTO, -1)                                                   \
      : process_next_token (msg_
