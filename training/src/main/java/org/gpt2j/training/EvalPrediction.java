package org.gpt2j.training;

/**
 * What compute_metrics looks at.
 *
 * @param predictions logits [N, classes]
 * @param labelIds class indices [N]
 */
public record EvalPrediction(float[][] predictions, int[] labelIds) {}
