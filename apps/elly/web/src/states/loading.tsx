import { Skeleton, Stack, VisuallyHidden } from '@mantine/core';

/** Holds the place of what is being loaded, so that the page does not jump when it comes. */
export function Loading({ lines = 3, what = 'Loading' }: { readonly lines?: number; readonly what?: string }) {
  return (
    <Stack gap="sm" role="status" aria-live="polite">
      <VisuallyHidden>{what}</VisuallyHidden>
      {Array.from({ length: lines }, (_, line) => (
        <Skeleton key={line} height={18} width={line === lines - 1 ? '60%' : '100%'} />
      ))}
    </Stack>
  );
}
