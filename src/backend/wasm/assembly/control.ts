/**
 * AssemblyScript: how one call is shared out among threads. Every thread has an instance of this module on the same
 * memory. The main thread writes a command into a ring of slots and moves the ticket, a 64-bit word that holds the number
 * of the command and how many pieces of it are left to take. Whoever swaps the ticket for the next one does that piece. So a
 * thread that sleeps, or that the system has put aside, never holds up the others, and none must be waited for that has
 * not taken a piece. What a piece computes depends on its number alone, never on who does it.
 *
 * The block at address `control`, in bytes:
 *   0 ticket (number of the command in the high half, pieces that nobody has taken in the low half)
 *   64 number of the command once more, which sleeping threads wait for
 *   128 number of sleeping threads    132 stop    136 failed: address of the slot whose piece trapped
 *   140 patience: milliseconds until a piece that another thread took counts as lost
 *   144 looks: how often a thread without work looks for the next command before it sleeps
 *   148 1 while the main thread sleeps until the pieces that others took are done
 *   256 slots, each of 256 bytes: 0 kernel, 4 number of pieces, 8 pieces done, 16 arguments
 */

const numSlots: i64 = 64;
const slotBytes: usize = 256;
const numberAt: usize = 64;
const sleepersAt: usize = 128;
const stopAt: usize = 132;
const failedAt: usize = 136;
const patienceAt: usize = 140;
const looksAt: usize = 144;
const waitingAt: usize = 148;
const slotsAt: usize = 256;
const doneAt: usize = 8;
const argumentsAt: usize = 16;

/** How often the main thread looks whether all pieces are done before it sleeps: about 50 µs. */
const looksForPieces: u32 = 40_000;

/** What a thread is working on: for the host, which must name it when it traps. */
let slotInWork: usize = 0;
let isHelper = false;

export function currentSlot(): usize {
  return slotInWork;
}

/**
 * Runs a command that the host wrote into the slot of `number`, on all threads, until every piece is done.
 * @returns 0; 1 when a piece trapped in another thread; 2 when a piece that a thread took is not done in time.
 */
export function run(control: usize, number: u32): i32 {
  const slot = slotOf(control, number);
  slotInWork = slot;
  const numPieces = load<i32>(slot, 4);
  atomic.store<i32>(slot, 0, 8);
  atomic.store<u64>(control, (u64(number) << 32) | u64(u32(numPieces)));
  atomic.store<u32>(control, number, numberAt);
  if (atomic.load<i32>(control, sleepersAt) != 0) atomic.notify(control + numberAt, 2147483647);
  work(control, number);
  return wait(control, slot, numPieces);
}

/** Runs piece after piece of a command in this thread alone. */
export function runAlone(control: usize, number: u32): void {
  const slot = slotOf(control, number);
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
  let seen: u32 = 0;
  for (;;) {
    const number = next(control, seen);
    if (atomic.load<i32>(control, stopAt) != 0) return;
    work(control, number);
    seen = number;
  }
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

/** Waits until there is a command after the one with number `seen`: awake at first, then asleep. */
function next(control: usize, seen: u32): u32 {
  for (let left = load<u32>(control, looksAt); left > 0; left--) {
    const number = atomic.load<u32>(control, numberAt);
    if (number != seen || atomic.load<i32>(control, stopAt) != 0) return number;
  }
  atomic.add<i32>(control, 1, sleepersAt);
  while (atomic.load<u32>(control, numberAt) == seen && atomic.load<i32>(control, stopAt) == 0) {
    atomic.wait<i32>(control + numberAt, i32(seen), -1);
  }
  atomic.sub<i32>(control, 1, sleepersAt);
  return atomic.load<u32>(control, numberAt);
}

/** Takes pieces of the command as long as it is the current one and some are left. */
function work(control: usize, number: u32): void {
  const slot = slotOf(control, number);
  slotInWork = slot;
  for (;;) {
    const ticket = atomic.load<u64>(control);
    if (u32(ticket >> 32) != number) return;
    // The ticket alone says whether pieces are left: when none are, the slot may be written anew already.
    const left = i32(ticket & 0xffffffff);
    if (left == 0) return;
    if (atomic.cmpxchg<u64>(control, ticket, ticket - 1) != ticket) continue;
    // With a piece taken, the command is not done, and its slot stays as it is.
    const kernel = load<i32>(slot);
    const piece = load<i32>(slot, 4) - left;
    call_indirect<void>(kernel, slot + argumentsAt, piece);
    atomic.add<i32>(slot, 1, doneAt);
    if (atomic.load<i32>(control, waitingAt) != 0) atomic.notify(slot + doneAt, 1);
  }
}

/**
 * Until all pieces are done; those that others took are in work at this moment. Where that takes longer than a piece should,
 * the system has put the other thread aside for somebody else: to sleep frees a core, on which it is gone on with at once.
 */
function wait(control: usize, slot: usize, numPieces: i32): i32 {
  let numTimeouts: u32 = 0;
  let looks: u32 = 0;
  let done = atomic.load<i32>(slot, doneAt);
  while (done != numPieces) {
    if (looks++ >= looksForPieces) {
      if (atomic.load<i32>(control, failedAt) != 0) return 1;
      // Whoever does a piece after this tells us; one that was done since `done` was read ends the wait at once.
      atomic.store<i32>(control, 1, waitingAt);
      const isTimeout = atomic.wait<i32>(slot + doneAt, done, 1_000_000) == 2;
      atomic.store<i32>(control, 0, waitingAt);
      if (isTimeout && ++numTimeouts > load<u32>(control, patienceAt)) return 2;
    }
    done = atomic.load<i32>(slot, doneAt);
  }
  return 0;
}

function slotOf(control: usize, number: u32): usize {
  return control + slotsAt + usize(number & u32(numSlots - 1)) * slotBytes;
}
