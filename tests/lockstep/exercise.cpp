/* One who asks and answers in turns, and an I/O thread that is none. Usage: exercise CASE HOW_OFTEN */

#include "precompiled.hpp"

#include <stdlib.h>
#include <string.h>
#include <functional>
#include <vector>

//  What they tell each other by, and what that is made of.
#include "clock.hpp"
#include "err.cpp"
#include "ip.cpp"
#include "process.cpp"
#include "random.cpp"
#include "signaler.cpp"
#include "io_mailbox.cpp"
#include "lockstep.cpp"
#include "../common/exercise.hpp"

using zmq::command_t;
using zmq::io_poller_t;
using zmq::lockstep_t;
using zmq::mailbox_t;

typedef std::vector<uint64_t> numbers_t;

namespace
{
//  The I/O thread's, what it has when somebody does its work, and what that one does at once.
mailbox_t *commands;
std::function<void ()> work;
numbers_t done;
int readable;

//  Where objects would be that nobody looks at here.
alignas (64) char place[4096];

command_t command (command_t::type_t type_, uint64_t number_)
{
    command_t command;
    memset (&command, 0, sizeof command);
    command.destination = reinterpret_cast<zmq::object_t *> (place);
    command.type = type_;
    command.args.activate_write.msgs_read = number_;
    return command;
}

command_t light (uint64_t number_)
{
    return command (command_t::activate_write, number_);
}

command_t heavy (uint64_t number_)
{
    return command (command_t::stop, number_);
}

numbers_t received (mailbox_t *by_)
{
    numbers_t numbers;
    command_t next;
    while (by_->recv (&next, 0) == 0)
        numbers.push_back (next.args.activate_write.msgs_read);
    require (errno == EAGAIN, "there is no more");
    return numbers;
}

numbers_t all_done ()
{
    numbers_t all;
    all.swap (done);
    return all;
}
}

//  However busy the machine is, nobody is too slow to count as asking and answering in turns.
uint64_t zmq::clock_t::now_us ()
{
    return 0;
}
extern "C" void libzmq_src_drive (void *)
{
}
extern "C" void libzmq_src_hand_back (void *)
{
}
void zmq::object_t::process_command (const command_t &command_)
{
    done.push_back (command_.args.activate_write.msgs_read);
}
mailbox_t *zmq::io_thread_t::get_mailbox ()
{
    return commands;
}
zmq::poller_t *zmq::io_thread_t::get_poller () const
{
    return reinterpret_cast<zmq::poller_t *> (place);
}
void io_poller_t::add_askers (int)
{
}
void io_poller_t::take_back ()
{
}
bool io_poller_t::is_lent () const
{
    return true;
}
void io_poller_t::deliver (const command_t *kept_)
{
    if (kept_)
        kept_->destination->process_command (*kept_);
}
bool io_poller_t::claim (const mailbox_t *)
{
    return true;
}
void io_poller_t::release (const mailbox_t *)
{
}
zmq::fd_t io_poller_t::fd () const
{
    return readable;
}
io_poller_t::led_t io_poller_t::lead (mailbox_t *)
{
    work ();
    return led;
}
bool io_poller_t::pay (int)
{
    return true;
}

namespace
{
void take_turn (lockstep_t *it_)
{
    it_->has_sent (0);
    it_->begin_to_wait ();
    it_->end_to_wait ();
}

//  The mailbox of one who does the I/O thread's work.
struct leader_t
{
    mailbox_t io_thread;
    mailbox_t mailbox;
    lockstep_t *told;

    leader_t ()
    {
        commands = &io_thread;
        mailbox.lockstep.set_thread (
          reinterpret_cast<zmq::io_thread_t *> (place), &told);
        while (!mailbox.lockstep.leads ())
            take_turn (&mailbox.lockstep);
    }

    void lead (std::function<void ()> work_)
    {
        work = work_;
        mailbox.lockstep.lead_unwatched ();
    }
};

void what_comes_is_done_in_its_order ()
{
    leader_t leader;
    mailbox_t other;
    mailbox_t *const own = &leader.mailbox;
    leader.lead ([&] { own->send (light (1)); });
    require (all_done () == numbers_t (1, 1), "it is done at once");
    require (own->has_news (), "the socket hears of it");
    require (received (own).empty () && !own->has_news (), "once");
    //  From somebody else, before.
    own->send (heavy (2));
    leader.lead ([&] { own->send (light (3)); });
    require (all_done ().empty (), "something is before it");
    const uint64_t in_order[] = {2, 3};
    require (received (own) == numbers_t (in_order, in_order + 2), "in order");
    leader.lead ([&] {
        other.send (light (5));
        own->send (heavy (4));
    });
    require (all_done ().empty (), "neither is for it to do now");
    require (received (own) == numbers_t (1, 4), "it waits");
    require (received (&other) == numbers_t (1, 5), "it is for another");
    own->send (light (6));
    require (all_done ().empty (), "it does not lead");
    require (received (own) == numbers_t (1, 6), "it waits");
}

//  Who sleeps, and has something done, has nothing to receive.
void who_waits_has_it_done ()
{
    leader_t leader;
    int ends[2];
    require (pipe (ends) == 0 && write (ends[1], "", 1) == 1, "a pipe");
    readable = ends[0];
    leader.mailbox.lockstep.has_sent (0);
    work = [&] { leader.mailbox.send (light (1)); };
    command_t next;
    require (leader.mailbox.recv (&next, -1) == -1 && errno == EAGAIN,
             "it waits no more");
    require (all_done () == numbers_t (1, 1), "it is done");
    work = [&] { leader.mailbox.send (heavy (2)); };
    require (leader.mailbox.recv (&next, -1) == 0, "it is there");
    require (all_done ().empty (), "and for the socket to do");
    close (ends[0]);
    close (ends[1]);
}

void what_is_sent_is_delivered ()
{
    leader_t leader;
    mailbox_t other;
    lockstep_t *const it = &leader.mailbox.lockstep;
    const auto send = [&] (std::vector<command_t> sent_) {
        lockstep_t *const outer = it->begin_to_send (0);
        for (size_t i = 0; i != sent_.size (); ++i)
            leader.io_thread.send (sent_[i]);
        other.send (light (7));
        require (all_done ().empty (), "it is not done yet");
        it->end_to_send (outer);
        require (received (&other) == numbers_t (1, 7), "it is for another");
        take_turn (it);
    };
    send ({light (1)});
    require (all_done () == numbers_t (1, 1), "it is delivered");
    require (received (&leader.io_thread).empty (), "once");
    send ({light (2), heavy (3)});
    const uint64_t in_order[] = {2, 3};
    require (received (&leader.io_thread) == numbers_t (in_order, in_order + 2),
             "in order");
    require (all_done ().empty (), "nothing is left to be delivered");
    send ({heavy (4), light (5)});
    require (received (&leader.io_thread) == numbers_t (1, 4), "it waits");
    require (all_done () == numbers_t (1, 5), "it is delivered");
    //  Nobody sends.
    leader.io_thread.send (light (6));
    require (received (&leader.io_thread) == numbers_t (1, 6), "it waits");
}
}

int main (int, char **args_)
{
    const case_t cases[] = {
      {"what_comes_is_done_in_its_order", what_comes_is_done_in_its_order},
      {"who_waits_has_it_done", who_waits_has_it_done},
      {"what_is_sent_is_delivered", what_is_sent_is_delivered},
    };
    return run_case (cases, args_);
}
