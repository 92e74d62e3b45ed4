/**
 * AssemblyScript: how calls are shared out among threads. Every thread has an instance of this module on the same memory.
 * The main thread writes commands into a ring of slots and tells the number of the last one; at most half of the slots wait,
 * so that one is written anew only when the ticket has long moved on. The ticket, a 64-bit word, holds the number of the
 * command in work and how many pieces of it are left to take. Whoever swaps the ticket for the next one does that piece;
 * whoever finds all pieces of a command done moves the ticket on to the next command. So commands are done one after the
 * other in their order, a thread that sleeps, or that the system has put aside, never holds up the others, and none must be
 * waited for that has not taken a piece. What a piece computes depends on its number alone, never on who does it.
 *
 * The block at address `control`, in bytes:
 *   0 ticket (number of the command in the high half, pieces that nobody has taken in the low half)
 *   64 how often the ticket was moved on, which sleeping threads wait for
 *   128 number of sleeping threads    132 stop    136 failed: address of the slot whose piece trapped
 *   140 patience: milliseconds until a piece that another thread took counts as lost
 *   144 looks: how often a thread without work looks for the next command before it sleeps
 *   148 1 while the main thread sleeps until the pieces that others took are done
 *   152 number of the last command that was written
 *   256 slots, each of 256 bytes: 0 kernel, 4 number of pieces, 8 pieces done, 16 arguments
 */

const numSlots: i64 = 64;
const slotBytes: usize = 256;
const movesAt: usize = 64;
const sleepersAt: usize = 128;
const stopAt: usize = 132;
const failedAt: usize = 136;
const patienceAt: usize = 140;
const looksAt: usize = 144;
const waitingAt: usize = 148;
const lastAt: usize = 152;
const slotsAt: usize = 256;
const doneAt: usize = 8;
const argumentsAt: usize = 16;

/** How often the main thread looks whether all pieces are done before it sleeps: about 100 µs. */
const looksForPieces: u32 = 40_000;

/** What a thread is working on: for the host, which must name it when it traps. */
let slotInWork: usize = 0;
let isHelper = false;

export function currentSlot(): usize {
  return slotInWork;
}

/** The slot of the command that is not done yet, or of the last one. */
export function slotOfTicket(control: usize): usize {
  return slotOf(control, u32(atomic.load<u64>(control) >> 32));
}

/**
 * Hands over the command that the host wrote into the slot of `number`, and helps until at most `most` commands are left;
 * 0 when all are to be done.
 * @returns As `settle`.
 */
export function push(control: usize, number: u32, most: u32): i32 {
  atomic.store<u32>(control, number, lastAt);
  advance(control);
  return settle(control, most);
}

/** Runs a command in this thread alone: it lies in a slot that no other thread looks at. */
export function runAlone(slot: usize): void {
  slotInWork = slot;
  const kernel = load<i32>(slot);
  const numPieces = load<i32>(slot, 4);
  for (let piece = 0; piece < numPieces; piece++) {
    call_indirect<void>(kernel, slot + argumentsAt, piece);
  }
}

/** Does pieces of command after command, in a thread that helps, until told to stop. */
export function help(control: usize): void {
  isHelper = true;
  while (nextPiece(control)) takePiece(control);
}

/**
 * Traps, so that a test can see what a trap does. 0 the piece; -1 for one that a helping thread does; with -2 the helping
 * thread never ends its piece instead, as one that was killed.
 */
export function trap(args: usize, piece: i32): void {
  const which = load<i32>(args);
  if (which == piece || (which == -1 && isHelper)) unreachable();
  if (which == -2 && isHelper) atomic.wait<i32>(args, -2, -1);
}

/** Waits until there is a piece to take, awake at first, then asleep; false when told to stop. */
function nextPiece(control: usize): bool {
  for (let left = load<u32>(control, looksAt); left > 0; left--) {
    if (atomic.load<i32>(control, stopAt) != 0) return false;
    if (u32(atomic.load<u64>(control)) != 0) return true;
  }
  atomic.add<i32>(control, 1, sleepersAt);
  // The moves before the ticket: whoever moves it on after we looked finds another number of moves, or wakes us.
  let moves = atomic.load<i32>(control, movesAt);
  while (u32(atomic.load<u64>(control)) == 0 && atomic.load<i32>(control, stopAt) == 0) {
    atomic.wait<i32>(control + movesAt, moves, -1);
    moves = atomic.load<i32>(control, movesAt);
  }
  atomic.sub<i32>(control, 1, sleepersAt);
  return atomic.load<i32>(control, stopAt) == 0;
}

/** Takes a piece of the command in work and does it, if one is left. */
function takePiece(control: usize): void {
  const ticket = atomic.load<u64>(control);
  // The ticket alone says whether pieces are left: when none are, the slot may be written anew already.
  const left = i32(ticket & 0xffffffff);
  if (left == 0 || atomic.cmpxchg<u64>(control, ticket, ticket - 1) != ticket) return;
  // With a piece taken, the command is not done, and its slot stays as it is.
  const slot = slotOf(control, u32(ticket >> 32));
  slotInWork = slot;
  const kernel = load<i32>(slot);
  const numPieces = load<i32>(slot, 4);
  call_indirect<void>(kernel, slot + argumentsAt, numPieces - left);
  const isLast = atomic.add<i32>(slot, 1, doneAt) + 1 == numPieces;
  if (isLast) advance(control);
  if (atomic.load<i32>(control, waitingAt) != 0) atomic.notify(slot + doneAt, 1);
}

/**
 * Moves the ticket on to the next command if all pieces of this one are done and there is one. It is called by whoever did
 * the last piece and by whoever wrote a command: the later of the two finds both.
 */
function advance(control: usize): void {
  const ticket = atomic.load<u64>(control);
  const number = u32(ticket >> 32);
  if (u32(ticket) != 0 || !isDone(control, number)) return;
  if (number == atomic.load<u32>(control, lastAt)) return;
  const numPieces = load<i32>(slotOf(control, number + 1), 4);
  // Where the slots were written anew meanwhile, the ticket is another one as well.
  const next = (u64(number + 1) << 32) | u64(u32(numPieces));
  if (atomic.cmpxchg<u64>(control, ticket, next) != ticket) return;
  atomic.add<i32>(control, 1, movesAt);
  if (atomic.load<i32>(control, sleepersAt) != 0) atomic.notify(control + movesAt, 2147483647);
}

function isDone(control: usize, number: u32): bool {
  const slot = slotOf(control, number);
  return atomic.load<i32>(slot, doneAt) == load<i32>(slot, 4);
}

/**
 * Helps in the main thread until at most `most` commands are not done. Pieces that others took are in work at this moment;
 * where that takes longer than a piece should, the system has put the other thread aside for somebody else: to sleep frees a
 * core, on which it is gone on with at once.
 * @returns 0; 1 when a piece trapped in another thread; 2 when a piece that a thread took is not done in time.
 */
export function settle(control: usize, most: u32): i32 {
  let numTimeouts: u32 = 0;
  let looks: u32 = 0;
  let seen: u64 = 0;
  let ticket = atomic.load<u64>(control);
  while (numLeft(control, ticket) > most) {
    if (ticket != seen) {
      looks = 0;
      numTimeouts = 0;
    }
    seen = ticket;
    const slot = slotOf(control, u32(ticket >> 32));
    const done = atomic.load<i32>(slot, doneAt);
    if (u32(ticket) != 0) takePiece(control);
    else if (done == load<i32>(slot, 4)) advance(control);
    else if (looks++ >= looksForPieces) {
      if (atomic.load<i32>(control, failedAt) != 0) return 1;
      // Whoever does a piece after this tells us; one that was done since `done` was read ends the wait at once.
      atomic.store<i32>(control, 1, waitingAt);
      const isTimeout = atomic.wait<i32>(slot + doneAt, done, 1_000_000) == 2;
      atomic.store<i32>(control, 0, waitingAt);
      if (isTimeout && ++numTimeouts > load<u32>(control, patienceAt)) return 2;
    }
    ticket = atomic.load<u64>(control);
  }
  return 0;
}

/** Commands that are not done, by that ticket. */
function numLeft(control: usize, ticket: u64): u32 {
  const number = u32(ticket >> 32);
  const isInWork = u32(ticket) != 0 || !isDone(control, number);
  return load<u32>(control, lastAt) - number + u32(isInWork);
}

function slotOf(control: usize, number: u32): usize {
  return control + slotsAt + usize(number & u32(numSlots - 1)) * slotBytes;
}
