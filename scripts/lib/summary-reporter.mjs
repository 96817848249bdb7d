/** A vitest reporter: names every skipped test with its reason, says which Kafka ran, and adds everything up. */
export default class SummaryReporter {
  onTestRunEnd(modules, unhandled) {
    const counts = { passed: 0, failed: unhandled.length, skipped: 0 };
    const skipped = [];
    const seen = { embedded: 0, real: 0 };
    for (const module of modules) {
      for (const error of module.errors()) if (error !== undefined) counts.failed++;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        counts[state] = (counts[state] ?? 0) + 1;
        if (state === 'skipped') skipped.push(`${module.relativeModuleId}: ${test.fullName}`);
        else if (/embedded/.test(test.fullName)) seen.embedded++;
        else if (/real Kafka/i.test(test.fullName)) seen.real++;
      }
    }
    console.log('\nSkipped, each with its reason in brackets:');
    for (const name of skipped) console.log(`  ${name}`);
    if (skipped.length === 0) console.log('  none');
    console.log(`Tests on the embedded Kafka: ${seen.embedded}; on real Apache Kafka: ${seen.real}`);
    console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  }
}
