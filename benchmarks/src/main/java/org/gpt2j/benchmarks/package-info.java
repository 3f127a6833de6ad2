/**
 * JMH benchmarks: {@code java -jar benchmarks/target/benchmarks.jar}. Each runs on seeded weights
 * and on the texts that {@link org.gpt2j.benchmarks.BenchmarkTexts} finds.
 */
package org.gpt2j.benchmarks;
