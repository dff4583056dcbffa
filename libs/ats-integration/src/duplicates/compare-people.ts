import type { ComparedPerson } from './compared-person.js';
import { unreadable } from './compared-person.js';

export const CONFIDENCES = ['high', 'medium', 'low'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

export const EVIDENCE_KINDS = [
  'same-email',
  'same-mailbox',
  'shared-email',
  'same-phone',
  'similar-phone',
  'same-name',
  'same-employer',
  'other-name',
] as const;

/** One thing that speaks for two people being one, or against it. */
export interface Evidence {
  readonly kind: (typeof EVIDENCE_KINDS)[number];
  /** Without the values themselves: it is kept, and may be shown to everybody who sees both. */
  readonly sentence: string;
  /** Points; negative: against it. */
  readonly weight: number;
}

export interface Comparison {
  /** 0 to 100. */
  readonly score: number;
  /** Null: too little to bother anybody with. */
  readonly confidence: Confidence | null;
  readonly evidence: readonly Evidence[];
  /** One for each thing that speaks for it, so that new evidence is told from old. */
  readonly marks: readonly string[];
}

const ENOUGH: readonly (readonly [Confidence, number])[] = [
  ['high', 75],
  ['medium', 50],
  ['low', 30],
];

/** Points for what two people have in common; a sum, so that everybody can follow it. */
export function comparePeople(left: ComparedPerson, right: ComparedPerson): Comparison {
  const found = [...byEmail(left, right), ...byPhone(left, right), ...byName(left, right)];
  const score = Math.max(
    0,
    Math.min(
      100,
      found.reduce((sum, { weight }) => sum + weight, 0),
    ),
  );
  return {
    score,
    confidence: ENOUGH.find(([, least]) => score >= least)?.[0] ?? null,
    evidence: found.map(({ kind, sentence, weight }) => ({ kind, sentence, weight })),
    marks: found.filter(({ weight }) => weight > 0).map(({ kind, value }) => `${kind}:${unreadable(value)}`),
  };
}

type Found = Evidence & { readonly value: string };

function byEmail(left: ComparedPerson, right: ComparedPerson): Found[] {
  const pairs = left.emails.flatMap((mine) => right.emails.map((theirs) => ({ mine, theirs })));
  const same = pairs.filter(({ mine, theirs }) => mine.mailbox === theirs.mailbox);
  const own = same.filter(({ mine }) => !mine.shared);
  const exact = own.find(({ mine, theirs }) => mine.exact === theirs.exact);
  if (exact !== undefined) {
    return [
      { kind: 'same-email', weight: 60, sentence: 'Both have the same e-mail address.', value: exact.mine.mailbox },
    ];
  }
  if (own[0] !== undefined) {
    const sentence = 'Their e-mail addresses are written differently and lead to the same mailbox.';
    return [{ kind: 'same-mailbox', weight: 45, sentence, value: own[0].mine.mailbox }];
  }
  if (same[0] === undefined) return [];
  const sentence = 'Both have the same e-mail address, but it is one that several people may share.';
  return [{ kind: 'shared-email', weight: 10, sentence, value: same[0].mine.mailbox }];
}

function byPhone(left: ComparedPerson, right: ComparedPerson): Found[] {
  const pairs = left.phones.flatMap((mine) => right.phones.map((theirs) => ({ mine, theirs })));
  const alike = pairs.filter(({ mine, theirs }) => mine.national === theirs.national);
  const same = alike.find(({ mine, theirs }) => mine.international === theirs.international);
  if (same !== undefined) {
    return [
      { kind: 'same-phone', weight: 40, sentence: 'Both have the same phone number.', value: same.mine.national },
    ];
  }
  // The same digits in two countries are two numbers.
  const open = alike.find(({ mine, theirs }) => mine.international === null || theirs.international === null);
  if (open === undefined) return [];
  const sentence = 'Their phone numbers are the same, as far as one can tell: one is written without its country.';
  return [{ kind: 'similar-phone', weight: 30, sentence, value: open.mine.national }];
}

function byName(left: ComparedPerson, right: ComparedPerson): Found[] {
  if (left.names.size === 0 || right.names.size === 0) return [];
  const name = [...left.names].find((mine) => right.names.has(mine));
  if (name === undefined) {
    const wordsOf = (names: ReadonlySet<string>): string[] => [...names].flatMap((one) => one.split(' '));
    const theirs = new Set(wordsOf(right.names));
    if (wordsOf(left.names).some((word) => word.length > 1 && theirs.has(word))) return [];
    const sentence = 'Their names have no word in common.';
    return [{ kind: 'other-name', weight: -25, sentence, value: '' }];
  }
  const found: Found[] = [{ kind: 'same-name', weight: 20, sentence: 'Both have the same name.', value: name }];
  const company = [...left.companies].find((mine) => right.companies.has(mine));
  if (company !== undefined) {
    const sentence = 'Both work for the same employer.';
    found.push({ kind: 'same-employer', weight: 15, sentence, value: `${name} ${company}` });
  }
  return found;
}
