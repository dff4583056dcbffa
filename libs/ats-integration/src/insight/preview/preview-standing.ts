import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import type { CandidateRecord, StageRecord } from '../../contract/records.js';
import { query } from '../../database/query.js';
import { HiringPipeline } from '../../host/hiring-pipeline.port.js';
import { unmapped } from '../../mapping/stage-mappings.js';
import { suggestStages } from '../../mapping/suggest-stages.js';
import { KnownPeople } from './known-people.js';
import type { ImportPreviewReport, PreviewCount, UnconfirmedStage } from './preview-report.js';

/** Ids shown of people who are here already. */
const EXAMPLES = 20;

/** How what the ATS has stands to what is here already. Only reads. */
@Injectable()
export class PreviewStanding {
  constructor(
    private readonly em: EntityManager,
    private readonly known: KnownPeople,
    @Inject(HiringPipeline) private readonly pipeline: HiringPipeline,
  ) {}

  /** Stages that no admin has confirmed a mapping of, the least certain first. */
  async unconfirmed(
    workspaceId: string,
    connectionId: string,
    stages: readonly StageRecord[],
  ): Promise<readonly UnconfirmedStage[]> {
    const confirmed = await query<{ stage_key: string }>(
      this.em.fork(),
      `select stage_key from ats.stage_mappings where connection_id = $1 and status = 'confirmed'`,
      [connectionId],
    );
    const keys = new Set(confirmed.map((row) => row.stage_key));
    const hostStages = await this.pipeline.stages(workspaceId);
    const open = unmapped(
      stages.map(({ remoteId, name, jobRemoteId, position }) => ({
        remote_id: remoteId,
        name,
        job_remote_id: jobRemoteId,
        position,
      })),
    ).filter(({ key }) => !keys.has(key));
    const suggestions = new Map(suggestStages(open, hostStages).map((suggestion) => [suggestion.key, suggestion]));
    return open
      .map(({ key, name, count }) => {
        const suggestion = suggestions.get(key);
        if (suggestion === undefined) return { key, name, stages: count, suggestion: null };
        const { hostStageId, confidence, reason } = suggestion;
        const hostStageName = hostStages.find(({ id }) => id === hostStageId)?.name ?? '';
        return { key, name, stages: count, suggestion: { hostStageId, hostStageName, confidence, reason } };
      })
      .sort((left, right) => (left.suggestion?.confidence ?? 0) - (right.suggestion?.confidence ?? 0));
  }

  async duplicates(
    workspaceId: string,
    connectionId: string,
    candidates: readonly CandidateRecord[],
    all: PreviewCount,
  ): Promise<ImportPreviewReport['duplicates']> {
    const found = await this.known.among(workspaceId, connectionId, candidates);
    const ids = [...new Set(found.values())].slice(0, EXAMPLES);
    const checkedAll = all.precision === 'exact' && candidates.length >= all.value;
    const estimate = candidates.length === 0 ? 0 : Math.round((found.size / candidates.length) * all.value);
    return {
      checked: candidates.length,
      found: checkedAll
        ? { value: found.size, precision: 'exact' }
        : { value: Math.max(found.size, estimate), precision: all.precision === 'at-least' ? 'at-least' : 'estimate' },
      candidateIds: ids,
    };
  }

  async imported(connectionId: string): Promise<ImportPreviewReport['imported']> {
    const [counts] = await query<ImportPreviewReport['imported']>(
      this.em.fork(),
      `select (select count(*)::int from ats.jobs where connection_id = $1 and tombstone is null) as jobs,
         (select count(*)::int from ats.candidates where connection_id = $1 and tombstone is null) as candidates,
         (select count(*)::int from ats.applications where connection_id = $1 and tombstone is null) as applications`,
      [connectionId],
    );
    return counts ?? { jobs: 0, candidates: 0, applications: 0 };
  }
}
