package org.gpt2j.benchmarks;

import org.gpt2j.nn.PackedBatch;

/**
 * Messages of one step.
 *
 * @param batch their tokens
 * @param labels a class index for each
 */
public record LabeledBatch(PackedBatch batch, int[] labels) {}
