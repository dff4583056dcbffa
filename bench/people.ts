import type { CandidateRecord } from '@elly/ats-integration/contract';

const WORDS =
  'ledger harbour quartz meadow signal lantern copper ridge orbit willow anchor cobalt prairie tundra violet summit'.split(
    ' ',
  );

/** A believable candidate of about 1.2 kB of JSON; `edition` changes a field without changing who it is. */
export function candidate(index: number, edition: number): CandidateRecord {
  const word = (salt: number): string => WORDS[(index * 7 + salt * 13) % WORDS.length] ?? 'word';
  return {
    kind: 'candidate',
    remoteId: String(40_000_000_000 + index),
    updatedAt: new Date(1_790_000_000_000 + edition * 60_000),
    name: `${word(1)} ${word(2)} ${index}`,
    firstName: word(1),
    lastName: `${word(2)} ${index}`,
    emails: [
      { value: `${word(1)}.${index}@example.test`, type: 'personal' },
      { value: `${word(2)}.${index}@work.example`, type: 'work' },
    ],
    phones: [{ value: `+33 6 ${String(index).padStart(8, '0')}`, type: 'mobile' }],
    headline: `${word(3)} engineer, edition ${edition}`,
    company: `${word(4)} & ${word(5)}`,
    location: `${word(6)}, ${word(7)}`,
    links: [`https://social.example/${word(1)}-${index}`, `https://code.example/${index}`],
    tags: [word(8), word(9), word(10)],
    anonymised: false,
    url: `https://app.example/people/${index}`,
    customFields: {
      salary_band: { name: 'Salary Band', type: 'single_select', value: `B${index % 5}` },
      notice: { name: 'Notice period', type: 'short_text', value: `${index % 4} months ${word(11)}` },
      languages: { name: 'Languages', type: 'multi_select', value: [word(12), word(13), word(14)] },
      motivation: { name: 'Motivation', type: 'long_text', value: `${word(2)} ${word(5)} ${word(9)} `.repeat(8) },
      relocation: { name: 'Relocation', type: 'boolean', value: index % 2 === 0 },
    },
  };
}
