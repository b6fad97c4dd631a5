"""What Aliyun's answers mean: one table of Code, in the words an office reads."""

from __future__ import annotations

from datetime import timedelta

from channels.base import SendError
from channels.words import Meaning
from rules.outcome import Outcome

_NO, _OURS, _SLOW = Outcome.REFUSED, Outcome.MISCONFIGURED, Outcome.THROTTLED
_UNSURE = Outcome.UNCERTAIN
_ID = "请核对 .env 中的 ALIYUN_SMS_KEY_ID"
_KEY = "请核对 .env 中的 ALIYUN_SMS_KEY_SECRET，前后不要有空格"
_SIGN = "请在短信控制台“签名管理”中核对 channels.sms_aliyun.sign"
_TEMPLATE = "请在短信控制台“模板管理”中核对 channels.sms_aliyun.template 和 text"
_PAY = "请登录阿里云控制台充值或购买短信套餐包，再恢复渠道"
_RIGHT = "请在 RAM 控制台给该 AccessKey 的用户授权 AliyunDysmsFullAccess"
_ACCOUNT = "请登录阿里云控制台查看账号状态"
_LENGTH = "请减小 channels.sms_aliyun.variables 中的字数"
_WORDING = "请修改标题后重新推送"
_REPORT = "请将此条记录交系统管理员"

OK = "OK"
#: Codes that one number of a call can cause: the call is refused whole, and it is not said which number it was.
NUMBERS_FAULT = frozenset({"isv.MOBILE_NUMBER_ILLEGAL", "isv.BUSINESS_LIMIT_CONTROL"})
#: The call does not exist (here): what it would have told stays unknown.
NO_SUCH_CALL = frozenset({"InvalidApi.NotFound", "InvalidAction.NotFound", "isp.API_NOT_SUPPORT"})

# https://help.aliyun.com/document_detail/101346.html (API错误码); the gateway's own codes:
# https://api.aliyun.com/document/Dysmsapi/2017-05-25/errorCode
CODES: dict[str, Meaning] = {
    "isv.BUSINESS_LIMIT_CONTROL": Meaning(_SLOW, "号码接收的短信达到频次上限", "额度恢复后自动再试"),
    "isv.DAY_LIMIT_CONTROL": Meaning(
        _SLOW, "达到控制台设置的日发送总量", "次日自动再试，也可在控制台调高总量", timedelta(hours=1)
    ),
    "isv.MONTH_LIMIT_CONTROL": Meaning(
        _SLOW, "达到控制台设置的月发送总量", "请在控制台调高总量，或等待下月", timedelta(hours=12)
    ),
    "Throttling": Meaning(_SLOW, "调用过于频繁", retry_after=timedelta(seconds=5)),
    "Throttling.User": Meaning(_SLOW, "调用过于频繁", retry_after=timedelta(seconds=5)),
    "Throttling.Api": Meaning(_SLOW, "调用过于频繁", retry_after=timedelta(seconds=5)),
    "isp.SYSTEM_ERROR": Meaning(_UNSURE, "阿里云系统错误，不能确定是否已发出"),
    "isp.UNKNOWN": Meaning(_UNSURE, "阿里云系统错误，不能确定是否已发出"),
    "isp.GATEWAY_ERROR": Meaning(_UNSURE, "阿里云系统错误，不能确定是否已发出"),
    # Each call has a nonce of its own: one that was used already means that this very call had arrived before.
    "SignatureNonceUsed": Meaning(_UNSURE, "阿里云称此次调用已到达过，不能确定是否已发出"),
    "isv.AMOUNT_NOT_ENOUGH": Meaning(_OURS, "账户余额不足", _PAY),
    "isv.OUT_OF_SERVICE": Meaning(_OURS, "账户欠费，短信业务已停", _PAY),
    "isv.ACCOUNT_NOT_EXISTS": Meaning(_OURS, "账户不存在", _ID),
    "isv.ACCOUNT_ABNORMAL": Meaning(_OURS, "账户异常", _ACCOUNT),
    "isv.SECURITY_FROZEN_ACCOUNT": Meaning(_OURS, "账户因安全原因被冻结", _ACCOUNT),
    "isv.PRODUCT_UN_SUBSCRIPT": Meaning(_OURS, "账户没有开通短信服务", "请登录阿里云控制台开通短信服务"),
    "isv.PRODUCT_UNSUBSCRIBE": Meaning(_OURS, "账户没有开通短信服务", "请登录阿里云控制台开通短信服务"),
    "isp.RAM_PERMISSION_DENY": Meaning(_OURS, "该 AccessKey 没有短信权限", _RIGHT),
    "NoPermission": Meaning(_OURS, "该 AccessKey 没有短信权限", _RIGHT),
    "isv.DENY_IP_RANGE": Meaning(_OURS, "本机出网地址不在中国内地，被阿里云禁用", "请改从校内出网地址发送"),
    "isv.SMS_SIGNATURE_ILLEGAL": Meaning(_OURS, "签名不存在或未通过审核", _SIGN),
    "isv.SMS_SIGN_ILLEGAL": Meaning(_OURS, "签名被禁止使用", _SIGN),
    "isv.SIGN_STATE_ILLEGAL": Meaning(_OURS, "签名不可用", _SIGN),
    "isv.SMS_SIGNATURE_SCENE_ILLEGAL": Meaning(_OURS, "签名与模板的类型不一致", _SIGN),
    "isv.SMS_TEMPLATE_ILLEGAL": Meaning(_OURS, "模板不存在或未通过审核", _TEMPLATE),
    "isv.TEMPLATE_MISSING_PARAMETERS": Meaning(_OURS, "模板缺少变量", _TEMPLATE),
    "isv.DOMESTIC_NUMBER_NOT_SUPPORTED": Meaning(_OURS, "模板不能发往境内号码", _TEMPLATE),
    "InvalidAccessKeyId.NotFound": Meaning(_OURS, "AccessKey ID 不存在", _ID),
    "InvalidAccessKeyId.Inactive": Meaning(_OURS, "AccessKey 已停用", "请在 RAM 控制台启用，或更换 ALIYUN_SMS_KEY_ID"),
    "SignatureDoesNotMatch": Meaning(_OURS, "AccessKey Secret 不对", _KEY),
    "IncompleteSignature": Meaning(_OURS, "AccessKey 填写有误", _KEY),
    "InvalidTimeStamp.Expired": Meaning(_OURS, "本机时钟与标准时间相差15分钟以上", "请校准本机时钟"),
    "isv.MOBILE_NUMBER_ILLEGAL": Meaning(_NO, "阿里云不接受该手机号", "请核对名单中的手机号"),
    "isv.MOBILE_COUNT_OVER_LIMIT": Meaning(_NO, "一次提交的号码过多", _REPORT),
    "isv.TEMPLATE_PARAMS_ILLEGAL": Meaning(_NO, "变量内容与申请模板时的类型不符", _TEMPLATE),
    "isv.INVALID_JSON_PARAM": Meaning(_NO, "变量格式不被接受", _REPORT),
    "isv.INVALID_PARAMETERS": Meaning(_NO, "参数不被接受", _REPORT),
    "isv.EXTEND_CODE_ERROR": Meaning(_NO, "扩展码不被接受", _REPORT),
    "isv.PARAM_LENGTH_LIMIT": Meaning(_NO, "变量超过长度限制", _LENGTH),
    "isv.PARAM_NOT_SUPPORT_URL": Meaning(_NO, "变量中有网址，不被接受", "请去掉标题中的网址后重新推送"),
    "isv.BLACK_KEY_CONTROL_LIMIT": Meaning(_NO, "变量中有不被接受的词语", _WORDING),
    "isv.SMS_CONTENT_ILLEGAL": Meaning(_NO, "短信内容含有禁止发送的内容", _WORDING),
    "isv.SMS_CONTENT_MISMATCH_TEMPLATE_TYPE": Meaning(_NO, "短信内容与模板类型不符", _TEMPLATE),
}
_UNKNOWN = Meaning(Outcome.UNKNOWN_CODE, "阿里云返回未收录的错误码", "原始答复已保存，请查阅阿里云文档后决定是否重发")

#: 触发分钟级流控Permits:1. A minute's and an hour's window are the clock's, a day's is 24 hours from each message:
#: when the oldest of them leaves it is not said, so it is asked hourly.
_WAITS = (("分钟级", timedelta(seconds=65)), ("", timedelta(hours=1)))


def refusal(code: str, message: str, raw: str) -> SendError:
    """The error of an answer; `message` tells how long a limit lasts."""
    error = CODES.get(code, _UNKNOWN).error(code[:50], raw)
    if code == "isv.BUSINESS_LIMIT_CONTROL":
        error.retry_after = next(wait for word, wait in _WAITS if word in message)
    return error
