export async function benchSuite() {}
