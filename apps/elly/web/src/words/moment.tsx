import { useEffect, useState } from 'react';
import { full, relative } from './time.js';

/** A moment in words that stay true while the page is open; the exact time on hover. */
export function Moment({ at }: { readonly at: string }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 10_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={at} title={full(at)}>
      {relative(at, now)}
    </time>
  );
}
