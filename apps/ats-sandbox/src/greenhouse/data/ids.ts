/**
 * Numbers the vendor gives its records: integers above 2^32 whose order is the order of creation. Each resource has a
 * range of its own, so that an id of one never happens to be an id of another, and id and position convert both ways.
 */
const FIRST_IDS = {
  jobs: 40_000_000_000,
  job_interview_stages: 40_100_000_000,
  departments: 40_200_000_000,
  offices: 40_300_000_000,
  users: 40_400_000_000,
  sources: 40_500_000_000,
  rejection_reasons: 40_600_000_000,
  custom_fields: 40_700_000_000,
  custom_field_options: 40_800_000_000,
  candidate_tags: 40_900_000_000,
  job_posts: 41_000_000_000,
  job_owners: 41_100_000_000,
  job_hiring_managers: 41_200_000_000,
  openings: 41_300_000_000,
  candidates: 50_000_000_000,
  attachments: 60_000_000_000,
  applications: 70_000_000_000,
  rejection_details: 75_000_000_000,
  application_stages: 80_000_000_000,
} as const;

export type Resource = keyof typeof FIRST_IDS;

export const RESOURCES = Object.keys(FIRST_IDS) as readonly Resource[];

const STEP = 100;
const SILO = 4;

/** The id of the record at a position of its resource. */
export function idOf(resource: Resource, key: number): number {
  return FIRST_IDS[resource] + key * STEP + SILO;
}

/** The position of an id; undefined when it is no id of this resource. */
export function keyOf(resource: Resource, id: number): number | undefined {
  const key = (id - FIRST_IDS[resource] - SILO) / STEP;
  return Number.isInteger(key) && key >= 0 ? key : undefined;
}
