import { z } from 'zod';
import * as answers from './answer-schemas.js';
import * as people from './people-schemas.js';
import * as insight from './insight-schemas.js';

/** As much of an OpenAPI 3.0 document as we touch: whatever made it, its own type fits. */
interface Operation {
  summary?: string;
  tags?: string[];
  responses?: object;
  parameters?: { name: string; schema?: object }[];
}
interface OpenApiDocument {
  readonly paths: Readonly<Record<string, object>>;
}

interface Answer {
  readonly summary: string;
  /** Absent: nothing but the status. */
  readonly schema?: z.ZodType;
}

/** By method and path below the mount. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  'get providers': { summary: 'The ATSs that can be connected', schema: answers.catalogue },
  'get plan': { summary: 'How much of the plan is used', schema: answers.planUse },
  'get banner': { summary: 'What needs somebody, the most urgent first', schema: answers.bannerList },
  'get connections': { summary: 'The connections', schema: answers.connectionList },
  'post connections': {
    summary: 'Begin a connect: send the browser to authorizeUrl; null: it is active already',
    schema: answers.connectRedirect,
  },
  'get connections/{connectionId}': { summary: 'One connection, in detail', schema: answers.connectionDetails },
  'delete connections/{connectionId}': { summary: 'Disconnect: credentials are destroyed, records stay' },
  'post connections/{connectionId}/reconnect': {
    summary: 'Sign in again; the same connection goes on',
    schema: answers.connectRedirect,
  },
  'get connections/{connectionId}/skipped': { summary: 'What was left out, and why', schema: answers.skippedList },
  'get connections/{connectionId}/quarantined': {
    summary: 'What could not be read, and why',
    schema: answers.quarantinedList,
  },
  'get connections/{connectionId}/webhooks': {
    summary: 'Whether webhooks come, and what is to be done for it',
    schema: answers.webhookView,
  },
  'post connections/{connectionId}/webhooks/secrets': {
    summary: 'A new secret of ours, shown this once, or one that the ATS showed',
    schema: answers.shownSecret,
  },
  'get connections/{connectionId}/sync-runs': { summary: 'Runs, newest first', schema: answers.runList },
  'post connections/{connectionId}/sync-runs': { summary: 'Re-sync everything', schema: answers.queuedRun },
  'post connections/{connectionId}/sync-runs/initial': {
    summary: 'Start the first import, where it waits for that',
    schema: answers.queuedRun,
  },
  'post connections/{connectionId}/sync-runs/incremental': { summary: 'Catch up now', schema: answers.queuedRun },
  'get connections/{connectionId}/sync-runs/{runId}': { summary: 'How far a run is', schema: answers.runProgress },
  'get connections/{connectionId}/records/{kind}/{remoteId}': {
    summary: 'A record as it is kept, or why it is not here',
    schema: answers.recordAnswer,
  },
  'get connections/{connectionId}/records/{kind}/{remoteId}/provenance': {
    summary: 'Why each value of a record is as it is',
    schema: insight.recordProvenance,
  },
  'get connections/{connectionId}/import-preview': {
    summary: 'What an initial import would do; nothing is written',
    schema: insight.importPreview,
  },
  'get connections/{connectionId}/explain': {
    summary: 'Why a record is not here, by e-mail address or id in the ATS',
    schema: insight.explanation,
  },
  'get connections/{connectionId}/stage-mappings': {
    summary: 'Which stage of the ATS is which of yours',
    schema: answers.stageMappingView,
  },
  'put connections/{connectionId}/stage-mappings': {
    summary: 'Confirm stages; applications move with them',
    schema: answers.stageMappingView,
  },
  'post connections/{connectionId}/stage-mappings/reviewed': {
    summary: "Leave the mapping as it is: the issues about the ATS's stages are resolved",
  },
  'get connections/{connectionId}/stage-changes': {
    summary: 'Moves on their way to the ATS, newest first',
    schema: answers.stageChangeList,
  },
  'get connections/{connectionId}/applications/{applicationId}/stage-changes': {
    summary: 'Moves of one application, newest first',
    schema: answers.stageChangeList,
  },
  'get connections/{connectionId}/applications/{applicationId}/stage-history': {
    summary: 'Stages of the ATS that one application was in, oldest first',
    schema: answers.stageHistory,
  },
  'get connections/{connectionId}/move-reasons': {
    summary: 'Reasons to choose from when rejecting or hiring',
    schema: answers.moveReasonList,
  },
  'post connections/{connectionId}/stage-changes/{changeId}/retry': {
    summary: 'Send a refused or parked move once more',
    schema: answers.stageChange,
  },
  'post connections/{connectionId}/stage-changes/{changeId}/cancel': {
    summary: 'Take back a move that was not sent',
    schema: answers.stageChange,
  },
  'get connections/{connectionId}/field-changes': {
    summary: 'Edits of candidates on their way to the ATS, newest first',
    schema: answers.fieldChangeList,
  },
  'get connections/{connectionId}/candidates/{candidateId}/field-changes': {
    summary: 'Edits of one candidate, newest first',
    schema: answers.fieldChangeList,
  },
  'get connections/{connectionId}/settings': {
    summary: 'What was set for this connection',
    schema: answers.connectionSettings,
  },
  'patch connections/{connectionId}/settings': {
    summary: 'Change what is named; null takes it back to its default',
    schema: answers.connectionSettings,
  },
  'get connections/{connectionId}/deletions': {
    summary: 'So much vanished that a person decides',
    schema: answers.heldDeletionList,
  },
  'post connections/{connectionId}/deletions/decision': {
    summary: 'Approve or reject what vanished',
    schema: answers.decidedDeletions,
  },
  'get duplicates': { summary: 'People who may be twice here, the surest first', schema: people.duplicateList },
  'post duplicates/{duplicateId}/dismiss': { summary: 'They are two: do not suggest it again' },
  'get duplicates/{duplicateId}/preview': {
    summary: 'Both sides of a merge, field by field',
    schema: people.mergePreview,
  },
  'post duplicates/{duplicateId}/merge': { summary: 'Make one person of the two', schema: people.merge },
  'get merges': { summary: 'Who was merged with whom, newest first', schema: people.mergeList },
  'post merges/{mergeId}/undo': { summary: 'Take a merge back', schema: people.merge },
};

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const TAG = 'ats';
const UUIDS: readonly string[] = [
  'connectionId',
  'runId',
  'applicationId',
  'candidateId',
  'changeId',
  'duplicateId',
  'mergeId',
];
const CALLBACK = 'get oauth/callback/{provider}';
const DELIVERY = 'post webhooks/{provider}/{hookId}';

/**
 * Completes an OpenAPI 3.0 document that Nest made of the host's routes: what the library's own ones answer, and their
 * problem documents. The library needs no documentation package for it. `mount`: the global prefix and `http.path`, as
 * `api/ats`. Changes the document and returns it.
 */
export function describeAtsRoutes<Document extends OpenApiDocument>(document: Document, mount: string): Document {
  const below = `/${mount.replace(/^\/|\/$/g, '')}/`;
  for (const [path, item] of Object.entries(document.paths)) {
    if (!path.startsWith(below)) continue;
    for (const method of METHODS) {
      const operation = (item as Readonly<Record<string, Operation | undefined>>)[method];
      if (operation !== undefined) describe(operation, `${method} ${path.slice(below.length)}`);
    }
  }
  return document;
}

function describe(operation: Operation, route: string): void {
  operation.tags = [TAG];
  if (route === CALLBACK) {
    operation.summary = 'Where the ATS sends the browser back to';
    operation.responses = { 302: { description: "To the host's own settings page" } };
    return;
  }
  if (route === DELIVERY) {
    operation.summary = 'Where the ATS delivers its webhooks: signed, without a session';
    operation.responses = {
      200: text('The delivery was taken in, now or before'),
      401: text('It is not genuine, or there is no such hook'),
      413: text('It is too large'),
    };
    return;
  }
  for (const parameter of operation.parameters ?? []) {
    if (UUIDS.includes(parameter.name)) parameter.schema = { type: 'string', format: 'uuid' };
  }
  const answer = ANSWERS[route];
  if (answer === undefined) return;
  const [status = '200'] = Object.keys(operation.responses ?? {});
  operation.summary = answer.summary;
  operation.responses = {
    [status]:
      answer.schema === undefined
        ? { description: answer.summary }
        : content(answer.summary, 'application/json', answer.schema),
    default: content('Problem details (RFC 9457)', 'application/problem+json', answers.problemDetails),
  };
}

function text(description: string): object {
  return { description, content: { 'text/plain': { schema: { type: 'string' } } } };
}

function content(description: string, type: string, schema: z.ZodType): object {
  const json = z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      // A moment travels as text.
      if (zodSchema._zod.def.type === 'date') Object.assign(jsonSchema, { type: 'string', format: 'date-time' });
    },
  });
  return { description, content: { [type]: { schema: json } } };
}
