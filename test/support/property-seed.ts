import fc from 'fast-check';

/** Any would do. */
const SEED = 1;

// What may not land must fail each time that it is tried, and what may land never: in CI the cases are the same ones each
// time. Everywhere else they are others each time, so that whoever works on the code looks further.
if (process.env.CI) fc.configureGlobal({ seed: SEED });
