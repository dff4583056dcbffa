import { describe, expect, it } from '@jest/globals';
import { applicationStageSchema } from './api.schemas.js';
import { toStageStay } from './normalise.stage-history.js';

const row = (fields: object = {}) =>
  applicationStageSchema.parse({
    id: 99120007,
    created_at: '2026-03-01T12:00:00.000Z',
    updated_at: '2026-03-05T12:00:00.000Z',
    application_id: 880001,
    job_interview_stage_id: 720002,
    entered_at: '2026-03-05T12:00:00.000Z',
    exited_at: null,
    days_in_stage: 3,
    current: true,
    ...fields,
  });

describe('a row of the stage history', () => {
  it('says who was where, from when until when', () => {
    expect(toStageStay(row())).toEqual({
      kind: 'stage-stay',
      remoteId: '99120007',
      updatedAt: new Date('2026-03-05T12:00:00Z'),
      applicationRemoteId: '880001',
      stageRemoteId: '720002',
      enteredAt: new Date('2026-03-05T12:00:00Z'),
      leftAt: null,
      movedByRemoteId: null,
    });
  });

  it('was left when it says so, whatever it calls itself', () => {
    expect(toStageStay(row({ exited_at: '2026-03-06T00:00:00Z' }))).toMatchObject({
      leftAt: new Date('2026-03-06T00:00:00Z'),
    });
  });

  it('without moments is kept as one whose moments nobody knows', () => {
    const bare = row({ entered_at: null, current: undefined, updated_at: undefined, exited_at: undefined });
    expect(toStageStay(bare)).toMatchObject({ enteredAt: null, leftAt: null, updatedAt: null });
  });

  it('without a stage of a job is none', () => {
    expect(toStageStay(row({ job_interview_stage_id: null }))).toBeNull();
  });
});
