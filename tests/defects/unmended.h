/* libzmq as it was released, but for poller, mailbox and pool, which are ours and stay:
 * included before all of vendor/unity.cpp. */
#define ZMQ_UNMENDED
#include "platform.hpp"
#ifdef __cplusplus
#include <zmq.h>
#include "process.hpp"
#include "io_mailbox.hpp"
#include "io_poller.hpp"
#endif
