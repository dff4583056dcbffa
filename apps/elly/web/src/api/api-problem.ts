import { z } from 'zod';

/** What the host answers when something is wrong: RFC 9457. `detail` was written for the person in front of the screen. */
const problemDocument = z.looseObject({
  type: z.string().default('about:blank'),
  title: z.string().optional(),
  detail: z.string().optional(),
});

/** Anything that kept a request from its answer, with a sentence that can be shown as it is. */
export class ApiProblem extends Error {
  constructor(
    /** The last part of the document's `type`: `no-credit`, `not-found`, …; `offline` when no answer came at all. */
    readonly code: string,
    /** 0 when no answer came. */
    readonly status: number,
    sentence: string,
  ) {
    super(sentence);
  }

  static offline(): ApiProblem {
    return new ApiProblem('offline', 0, 'Elly cannot be reached. Check your connection; this page goes on by itself.');
  }

  static unreadable(status: number): ApiProblem {
    return new ApiProblem(
      'unreadable',
      status,
      'Elly answered with something that this page does not understand. Load the page again.',
    );
  }

  static from(status: number, body: unknown): ApiProblem {
    const parsed = problemDocument.safeParse(body);
    if (!parsed.success) return new ApiProblem('unexpected', status, `Elly could not answer (HTTP ${status}).`);
    const { type, title, detail } = parsed.data;
    const code = type.split(':').at(-1) ?? 'unexpected';
    return new ApiProblem(code, status, detail ?? title ?? `Elly could not answer (HTTP ${status}).`);
  }
}

/** What went wrong, as a sentence. */
export function sentenceOf(error: unknown): string {
  return error instanceof ApiProblem ? error.message : 'Something went wrong on this page. Load it again.';
}
