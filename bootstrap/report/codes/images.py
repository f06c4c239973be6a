"""Codes of images that are made from locks."""

from bootstrap.report.codes.explanation import Explanation

CODES = {
    "E-IMAGE-BASE": Explanation(
        "The image that the environment should be put on cannot be used.",
        (
            "it is not made for the platform that was asked for",
            "the digest is that of one platform's manifest, and the image is for another",
        ),
        "Name an image below `images:` in course.yml, by the digest of its index, that has this"
        " platform.",
    ),
    "E-IMAGE-DAMAGED": Explanation(
        "The folder of an image does not hold what the image is made of.",
        ("a copy that broke off", "somebody edited a file in it", "a dying disk"),
        "Write the image again, into a new folder: `mlops-bootstrap image build --output FOLDER`.",
    ),
    "E-IMAGE-MODEL": Explanation(
        "The model that a predictor should hold could not be fetched.",
        (
            "MLflow does not run, or is another one than MLFLOW_TRACKING_URI names",
            "a slip in the name or the version of the model",
            "the image is for a kind of machine whose programs do not run here",
        ),
        "See in MLflow which models are registered, and give one as models:/NAME/VERSION.",
    ),
    "E-IMAGE-NAME": Explanation(
        "This is no name for an image, or there is none where one is needed.",
        ("capital letters or spaces", "a digest, which comes from the content", "--push alone"),
        "Give REGISTRY/REPOSITORY:TAG; without a registry it is Docker Hub's, or the engine's own.",
    ),
    "E-IMAGE-UNKNOWN": Explanation(
        "The image cannot be compared with what the locks make.",
        (
            "`image build` did not make it",
            "it is an index of several platforms",
            "a folder holds several images, or none",
        ),
        "Name one image that `mlops-bootstrap image build` made.",
    ),
}
