@0xce5dab4765077e7f;

# What a worker manager and a Scaler scheduler say to each other, as laid out on the
# wire. Names and ids are this project's own: neither travels. What travels is the
# order, size and type of the fields, read from the schema files of the 1.26.6 and
# 1.27.2 wheels and measured on frames of 2.0.20, 2.1.10, 2.3.3, 2.6.0 and 2.9.0
# (schema/golden). README.md has the table of dialects.

using Go = import "/go.capnp";
$Go.package("wire");
$Go.import("github.com/scaler-native/scaler-native/go/internal/message/wire");

struct Frame {
  # The one root of every frame. Upstream's is a union of some thirty structs, which is
  # a discriminant in the first two bytes and one pointer: one data word, one pointer
  # in all seven releases. The discriminants moved in 2.7.0, so here the tag is data
  # and the body open, and the tags are looked up elsewhere.

  tag @0 :UInt16;
  body @1 :AnyPointer;
}

struct Capability {
  # The same in all seven releases.

  name @0 :Text;
  value @1 :Int64;  # -1 when only the name matters.
}

struct Heartbeat {
  # Manager to scheduler. The same in all seven releases. The scheduler's echo has an
  # empty struct as its body and so needs no drawing here.

  maxTaskConcurrency @0 :UInt32;
  capabilities @1 :List(Capability);
  managerID @2 :Data;
}

enum Action {
  startWorkers @0;
  shutdownWorkers @1;
  setDesired @2;  # From 2.1.2 to 2.3.3; 2.1.10 and 2.3.3 read.
}

struct Command {
  # Scheduler to manager. One data word and two pointers in 1.26.6, 1.27.2 and 2.0.20;
  # 2.1.10 and 2.3.3 have `requests`, the third pointer, as well.

  workerIDs @0 :List(Data);
  action @1 :Action;
  capabilities @2 :List(Capability);
  requests @3 :List(Request);
}

struct DesiredCommand {
  # Scheduler to manager, in place of Command: no data and one pointer in 2.6.0 and 2.9.0.

  requests @0 :List(Request);
}

struct Request {
  # How many tasks at once are wanted of managers with these capabilities. The same in
  # 2.1.10, 2.3.3, 2.6.0 and 2.9.0.

  taskConcurrency @0 :UInt32;
  capabilities @1 :List(Capability);
}

enum Status {
  tooManyWorkers @0;
  unknownAction @1;
  workerNotFound @2;
  success @3;
}

struct Response {
  # Manager to scheduler, the answer to a Command. The same in 1.26.6, 1.27.2, 2.0.20,
  # 2.1.10 and 2.3.3; 2.6.0 and 2.9.0 have none.

  workerIDs @0 :List(Data);
  action @1 :Action;
  status @2 :Status;
  capabilities @3 :List(Capability);
}
