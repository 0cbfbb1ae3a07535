@0xce5dab4765077e7f;

# The messages between a worker manager and a Scaler scheduler, and between a worker's agent, the scheduler and the
# processors, as laid out on the wire. Names and ids are this project's own, because neither is sent. The order, size
# and type of the fields were read from the schema files of the 1.26.6 and 1.27.2 wheels, and measured on frames of
# 2.0.20, 2.1.10, 2.3.3, 2.6.0 and 2.9.0 (schema/golden). README.md has the table of dialects.

using Go = import "/go.capnp";
$Go.package("wire");
$Go.import("github.com/scaler-native/scaler-native/go/internal/message/wire");

struct Frame {
  # The one root of every frame. Scaler's is a union of some thirty structs: a discriminant in the first two bytes, and
  # one pointer. The discriminants moved in 2.7.0, so here the tag is data and the body open; the code knows the tags.

  tag @0 :UInt16;
  body @1 :AnyPointer;
}

struct Capability {
  # The same in all seven releases.

  name @0 :Text;
  value @1 :Int64;  # -1 when only the name matters.
}

struct Heartbeat {
  # Manager to scheduler. The same in all seven releases. The body of the scheduler's echo is
  # an empty struct, which needs no definition.

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
  # How many tasks managers with these capabilities should run at a time. The same in
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

# From here on: the messages of a worker's agent. Structs only grew at their end, and a reader takes missing fields as
# zero and ignores additional ones. So one definition, that of the newest release, serves all of them.

struct Task {
  # Scheduler to agent to processor. The function, the arguments and the capabilities
  # follow, which only the processor reads.

  taskID @0 :Data;
  source @1 :Data;
  metadata @2 :Data;  # Empty, or six bytes: profiling, priority, whether to stream output.
}

struct TaskCancel {
  # Scheduler to agent.

  taskID @0 :Data;
  flags @1 :TaskCancelFlags;
}

struct TaskCancelFlags {
  force @0 :Bool;
}

enum Confirmation {
  canceled @0;
  cancelFailed @1;
  cancelNotFound @2;
}

struct TaskCancelConfirm {
  # Agent to scheduler, the answer to a TaskCancel.

  taskID @0 :Data;
  confirmation @1 :Confirmation;
}

enum ResultType {
  success @0;
  failed @1;
  failedWorkerDied @2;  # Only schedulers send it.
}

struct TaskResult {
  # Processor to agent without metadata, agent to scheduler with it.

  taskID @0 :Data;
  type @1 :ResultType;
  metadata @2 :Data;  # 16 bytes: seconds, bytes at the peak, CPU seconds.
  results @3 :List(Data);  # Ids of objects.
}

enum ObjectInstructionType {
  create @0;
  delete @1;
  clear @2;
}

struct ObjectInstruction {
  # Both ways between scheduler and processors, through the agent.

  type @0 :ObjectInstructionType;
  user @1 :Data;
  objects @2 :ObjectMetadata;
}

enum ObjectType {
  serializer @0;
  object @1;
}

struct ObjectMetadata {
  # Lists of one length. Three pointers up to 2.6.0; four in 2.9.0, whose sizes may be missing.

  ids @0 :List(Data);
  types @1 :List(ObjectType);
  names @2 :List(Data);
  sizes @3 :List(UInt64);
}

struct Resource {
  cpu @0 :UInt16;  # Per mille of one CPU.
  memory @1 :UInt64;
}

struct Processor {
  # One data word and one pointer up to 2.6.0, two and two in 2.9.0.

  pid @0 :UInt32;
  initialized @1 :Bool;
  hasTask @2 :Bool;
  suspended @3 :Bool;
  resource @4 :Resource;
  taskID @5 :Data;
  taskAgeSeconds @6 :UInt32;
}

struct WorkerHeartbeat {
  # Agent to scheduler. Three data words and four pointers up to 2.6.0, six and five in
  # 2.9.0; memoryLimit came in between, with 2.7.0.

  agent @0 :Resource;
  freeMemory @1 :UInt64;
  queueSize @2 :UInt32;
  queuedTasks @3 :UInt32;
  latencyMicroseconds @4 :UInt32;
  taskLock @5 :Bool;
  processors @6 :List(Processor);
  capabilities @7 :List(Capability);
  managerID @8 :Data;
  memoryLimit @9 :UInt64;
  hostname @10 :Text;
  netSent @11 :UInt64;
  netReceived @12 :UInt64;
}

struct WorkerHeartbeatEcho {
  # Scheduler to agent.

  storage @0 :StorageAddress;
}

struct StorageAddress {
  # One data word and one pointer up to 2.1.10; the scheme came by 2.3.3.

  host @0 :Text;
  port @1 :UInt16;
  scheme @2 :Text;
}

enum DisconnectType {
  disconnect @0;
  shutdown @1;
}

struct ClientDisconnect {
  # Scheduler to agent.

  type @0 :DisconnectType;
}

# Requests to an object storage server, and its answers. Each is a Cap'n Proto message of 80 bytes, without a Frame; a
# request's payload follows as the next message.
# The same in 1.26.6 and 2.9.0.

struct StorageObjectID {
  # The 32 bytes of the id, each eight of them as one number, most significant byte first.

  first @0 :UInt64;
  second @1 :UInt64;
  third @2 :UInt64;
  fourth @3 :UInt64;
}

enum StorageOperation {
  set @0;
  get @1;
  delete @2;
  duplicate @3;
  total @4;
}

struct StorageRequest {
  objectID @0 :StorageObjectID;
  payloadLength @1 :UInt64;
  requestID @2 :UInt64;
  operation @3 :StorageOperation;
}

enum StorageAnswer {
  set @0;
  got @1;
  deleted @2;
  notThere @3;
  duplicated @4;
  total @5;
}

struct StorageResponse {
  objectID @0 :StorageObjectID;
  payloadLength @1 :UInt64;
  requestID @2 :UInt64;
  answer @3 :StorageAnswer;
}
