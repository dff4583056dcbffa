import { Alert, Button, Stack, Text } from '@mantine/core';
import { sentenceOf } from '../api/api-problem.js';

interface FailureProps {
  readonly error: unknown;
  /** What could not be done, as a heading. */
  readonly title?: string;
  readonly onRetry?: () => void;
}

/** An error as a sentence, with a way to try again where there is one. */
export function Failure({ error, title = 'That did not work', onRetry }: FailureProps) {
  return (
    <Alert color="red" title={title} role="alert">
      <Stack gap="sm" align="flex-start">
        <Text size="sm">{sentenceOf(error)}</Text>
        {onRetry === undefined ? null : (
          <Button size="xs" variant="default" onClick={onRetry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
