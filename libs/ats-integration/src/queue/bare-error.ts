/** A name or a code, and no sentence: nothing that came from outside fits into it. */
const WORD = /^[\w-]{1,60}$/;

/**
 * All that may be told of an error that comes out of a handler: its name and its code. The message of a driver's error
 * may quote a whole row, that of another one what an ATS answered.
 */
export function toldOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  const name = WORD.test(error.name) ? error.name : 'Error';
  const code = 'code' in error ? error.code : undefined;
  return typeof code === 'string' && WORD.test(code) ? `${name} (${code})` : name;
}

/** An error for a queue that keeps what it is given: without the message, the stack and the cause of the first one. */
export function bareError(error: unknown): Error {
  const bare = new Error(toldOf(error));
  bare.stack = bare.message;
  return bare;
}
