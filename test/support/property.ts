import fc from 'fast-check';

// One seed for everybody, so that a run that fails here fails everywhere; FUZZ_SEED looks elsewhere.
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env['FUZZ_SEED'] ?? 1) });

export default fc;
