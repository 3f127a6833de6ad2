package org.gpt2j.training;

import java.util.Map;

/**
 * What a model says of a data set.
 *
 * @param predictions logits [N, classes]
 * @param labelIds [N]
 * @param metrics loss, scores, run time
 */
public record PredictionOutput(
    float[][] predictions, int[] labelIds, Map<String, Double> metrics) {}
