"""pyradiomics' names to the tags of IBSI's reference values."""

SHAPE = {
    "MeshVolume": "morph_volume",
    "VoxelVolume": "morph_vol_approx",
    "SurfaceArea": "morph_area_mesh",
    "SurfaceVolumeRatio": "morph_av",
    "Sphericity": "morph_sphericity",
    "Maximum3DDiameter": "morph_diam",
    "MajorAxisLength": "morph_pca_maj_axis",
    "MinorAxisLength": "morph_pca_min_axis",
    "LeastAxisLength": "morph_pca_least_axis",
    "Elongation": "morph_pca_elongation",
    "Flatness": "morph_pca_flatness",
}
FIRST_ORDER = {
    "Mean": "stat_mean",
    "Variance": "stat_var",
    "Skewness": "stat_skew",
    "Kurtosis": "stat_kurt",
    "Median": "stat_median",
    "Minimum": "stat_min",
    "10Percentile": "stat_p10",
    "90Percentile": "stat_p90",
    "Maximum": "stat_max",
    "InterquartileRange": "stat_iqr",
    "Range": "stat_range",
    "MeanAbsoluteDeviation": "stat_mad",
    "RobustMeanAbsoluteDeviation": "stat_rmad",
    "Energy": "stat_energy",
    "RootMeanSquared": "stat_rms",
    "Entropy": "ih_entropy",
    "Uniformity": "ih_uniformity",
}
GLCM = {
    "MaximumProbability": "joint_max",
    "JointAverage": "joint_avg",
    "SumSquares": "joint_var",
    "JointEntropy": "joint_entr",
    "DifferenceAverage": "diff_avg",
    "DifferenceVariance": "diff_var",
    "DifferenceEntropy": "diff_entr",
    "SumAverage": "sum_avg",
    "SumEntropy": "sum_entr",
    "JointEnergy": "energy",
    "Contrast": "contrast",
    "Id": "inv_diff",
    "Idn": "inv_diff_norm",
    "Idm": "inv_diff_mom",
    "Idmn": "inv_diff_mom_norm",
    "InverseVariance": "inv_var",
    "Correlation": "corr",
    "Autocorrelation": "auto_corr",
    "ClusterTendency": "clust_tend",
    "ClusterShade": "clust_shade",
    "ClusterProminence": "clust_prom",
    "Imc1": "info_corr1",
    "Imc2": "info_corr2",
}
# Emphases and non-uniformities, under the short words of each matrix.
_SIZED = {
    "Short{0}Emphasis": "s{2}e",
    "Long{0}Emphasis": "l{2}e",
    "LowGrayLevel{1}Emphasis": "lg{2}e",
    "HighGrayLevel{1}Emphasis": "hg{2}e",
    "Short{0}LowGrayLevelEmphasis": "s{2}lge",
    "Short{0}HighGrayLevelEmphasis": "s{2}hge",
    "Long{0}LowGrayLevelEmphasis": "l{2}lge",
    "Long{0}HighGrayLevelEmphasis": "l{2}hge",
    "GrayLevelNonUniformity": "glnu",
    "GrayLevelNonUniformityNormalized": "glnu_norm",
    "GrayLevelVariance": "gl_var",
}
GLRLM = {name.format("Run", "Run"): tag.format("", "", "r") for name, tag in _SIZED.items()} | {
    "RunLengthNonUniformity": "rlnu",
    "RunLengthNonUniformityNormalized": "rlnu_norm",
    "RunPercentage": "r_perc",
    "RunVariance": "rl_var",
    "RunEntropy": "rl_entr",
    "LowGrayLevelRunEmphasis": "lgre",
    "HighGrayLevelRunEmphasis": "hgre",
}
GLSZM = {
    name.format("Area", "Zone").replace("Short", "Small").replace("Long", "Large"): tag.format("", "", "z")
    for name, tag in _SIZED.items()
} | {
    "SizeZoneNonUniformity": "zsnu",
    "SizeZoneNonUniformityNormalized": "zsnu_norm",
    "ZonePercentage": "z_perc",
    "ZoneVariance": "zs_var",
    "ZoneEntropy": "zs_entr",
}
NGTDM = {name: name.lower() for name in ("Coarseness", "Contrast", "Busyness", "Complexity", "Strength")}
GLDM = {
    "SmallDependenceEmphasis": "lde",
    "LargeDependenceEmphasis": "hde",
    "LowGrayLevelEmphasis": "lgce",
    "HighGrayLevelEmphasis": "hgce",
    "SmallDependenceLowGrayLevelEmphasis": "ldlge",
    "SmallDependenceHighGrayLevelEmphasis": "ldhge",
    "LargeDependenceLowGrayLevelEmphasis": "hdlge",
    "LargeDependenceHighGrayLevelEmphasis": "hdhge",
    "GrayLevelNonUniformity": "glnu",
    "DependenceNonUniformity": "dcnu",
    "DependenceNonUniformityNormalized": "dcnu_norm",
    "GrayLevelVariance": "gl_var",
    "DependenceVariance": "dc_var",
    "DependenceEntropy": "dc_entr",
}


def tags() -> dict[str, str]:
    """`original_class_Quantity` to tag, of three-dimensional texture averaged over directions."""
    families = {
        "shape": (SHAPE, "{}"),
        "firstorder": (FIRST_ORDER, "{}"),
        "glcm": (GLCM, "cm_{}_3D_avg"),
        "glrlm": (GLRLM, "rlm_{}_3D_avg"),
        "glszm": (GLSZM, "szm_{}_3D"),
        "ngtdm": (NGTDM, "ngt_{}_3D"),
        "gldm": (GLDM, "ngl_{}_3D"),
    }
    return {
        f"original_{group}_{name}": form.format(tag)
        for group, (names, form) in families.items()
        for name, tag in names.items()
    }
