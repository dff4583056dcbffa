import type { HostStageKind } from '../host/hiring-pipeline.port.js';
import { normaliseName } from './stage-key.js';

/** Words that recruiters name stages with, most telling first; the first kind whose word occurs wins. */
const WORDS: readonly (readonly [HostStageKind, readonly string[]])[] = [
  ['rejected', ['rejected', 'declined', 'archived', 'withdrawn', 'not a fit', 'not hired', 'disqualified']],
  ['hired', ['hired', 'onboarding', 'pre boarding', 'preboarding', 'accepted offer']],
  ['offer', ['offer', 'background check', 'reference', 'contract', 'negotiation', 'pre employment']],
  [
    'screen',
    [
      'screen',
      'screening',
      'phone',
      'recruiter call',
      'intro call',
      'pre screen',
      'prescreen',
      'qualification',
      'telephone',
    ],
  ],
  [
    'interview',
    [
      'interview',
      'onsite',
      'on site',
      'panel',
      'face to face',
      'final round',
      'assessment',
      'assignment',
      'take home',
      'test',
      'case study',
      'technical',
      'presentation',
      'meeting',
      'loop',
      'debrief',
      'executive',
      'team',
      'trial',
    ],
  ],
  ['applied', ['applied', 'application', 'applicant', 'new applicant', 'review', 'inbox', 'cv', 'resume', 'submitted']],
  ['lead', ['lead', 'sourced', 'prospect', 'reached out', 'responded', 'talent pool', 'contacted']],
];

/** What a stage's name says it is for, or null. */
export function meaningOf(name: string): HostStageKind | null {
  const padded = ` ${normaliseName(name)} `;
  // "HM Screen" and "Phone interview" hold words of two kinds: a call by phone is a screen whatever else it is called.
  for (const [kind, words] of WORDS) {
    if (words.some((word) => padded.includes(` ${word} `))) return kind;
  }
  return null;
}
