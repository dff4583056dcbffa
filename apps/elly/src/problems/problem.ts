import { HttpException } from '@nestjs/common';

/** What a client may branch on; becomes the `type` of the problem document. */
export type ProblemCode =
  | 'invalid-request'
  | 'not-signed-in'
  | 'not-allowed'
  | 'not-found'
  | 'read-only-field'
  | 'already-exists'
  | 'not-possible-now'
  | 'internal-error';

const TITLES: Readonly<Record<ProblemCode, string>> = {
  'invalid-request': 'The request is not valid',
  'not-signed-in': 'Nobody is signed in',
  'not-allowed': 'Not allowed',
  'not-found': 'Not found',
  'read-only-field': 'The field is read-only in Elly',
  'already-exists': 'It exists already',
  'not-possible-now': 'Not possible now',
  'internal-error': 'Something went wrong in Elly',
};

/** An error as RFC 9457 sees it: `detail` is a sentence for the person in front of the screen. */
export class Problem extends HttpException {
  constructor(status: number, code: ProblemCode, detail: string, members: Readonly<Record<string, unknown>> = {}) {
    super({ type: `urn:elly:problem:${code}`, title: TITLES[code], status, detail, ...members }, status);
    this.message = detail;
  }

  static notFound(what: string): Problem {
    return new Problem(404, 'not-found', `There is no such ${what} in this workspace.`);
  }
}
