// The utility process of the small app beside it.
const { runTests } = require('./run-tests.cjs')

void runTests('utility').then(code => process.exit(code))
